/** The text that an event came as, for who counts its bytes while it is told. */

let told: { event: unknown; text: () => string } | undefined;

/** Runs the listeners of an event that came as a text; that is made only when one of them asks. */
export function telling(event: unknown, text: () => string, listeners: () => void): void {
  const before = told;
  told = { event, text };
  try {
    listeners();
  } finally {
    told = before;
  }
}

/** The text that `event` came as; nothing when it is not the one that is being told. */
export function eventPayload(event: unknown): string | undefined {
  return told?.event === event ? told?.text() : undefined;
}

/** Bytes of the text that `event` came as; nothing when it is not the one that is being told. */
export function payloadBytes(event: unknown): number | undefined {
  const text = eventPayload(event);
  return text === undefined ? undefined : Buffer.byteLength(text);
}

/** The same; of its JSON text when it is not being told. */
export function eventBytes(event: unknown): number {
  return payloadBytes(event) ?? Buffer.byteLength(JSON.stringify(event));
}
