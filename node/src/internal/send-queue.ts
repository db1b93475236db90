/** What was to be sent while there was no connection. */

import type { RawWebSocketData, UnsentMessage } from './ws.js';

interface Entry {
  data: string | Uint8Array;
  bytes: number;
  isRaw: boolean;
}

/** Messages in their order, up to a number of bytes; each as it was when it was queued. */
export class SendQueue<T> {
  readonly #maxBytes: number;
  readonly #takesFirst: boolean;
  #entries: Entry[] = [];
  #bytes = 0;

  /** @param takesFirst - Whether an empty queue takes one message of any size. */
  constructor(maxBytes: number, takesFirst = false) {
    this.#maxBytes = maxBytes;
    this.#takesFirst = takesFirst;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Adds the JSON text of a message; false if there is no room. */
  add(text: string): boolean {
    return this.#add({ data: text, bytes: Buffer.byteLength(text), isRaw: false });
  }

  /** Adds data that is handed back as it is; false if there is no room. */
  addRaw(data: RawWebSocketData): boolean {
    const flat = flattened(data);
    return this.#add({ data: flat, bytes: typeof flat === 'string' ? Buffer.byteLength(flat) : flat.length, isRaw: true });
  }

  /**
   * Sends all of it. What `send` throws for is lost, because it may have been sent; what is behind it stays.
   *
   * @param send - False stops, and keeps what it was called with.
   */
  flush(send: (data: string | Uint8Array) => boolean): void {
    for (let entry = this.#entries[0]; entry !== undefined; entry = this.#entries[0]) {
      let isTaken = true;
      try {
        isTaken = send(entry.data);
      } finally {
        if (isTaken) {
          this.#entries.shift();
          this.#bytes -= entry.bytes;
        }
      }
      if (!isTaken) return;
    }
  }

  /** Empties it. */
  drain(): UnsentMessage<T>[] {
    const entries = this.#entries;
    this.#entries = [];
    this.#bytes = 0;
    return entries.map(({ data, isRaw }) =>
      isRaw ? { type: 'raw', data } : { type: 'message', message: JSON.parse(data as string) as T },
    );
  }

  /** Puts what was taken once before all else; it takes no room of what comes. Text that is JSON is handed back as a message. */
  putBack(messages: readonly (string | Uint8Array)[]): void {
    const entries = messages.map((data) => ({ data, bytes: 0, isRaw: typeof data !== 'string' || !isJSON(data) }));
    this.#entries.unshift(...entries);
  }

  #add(entry: Entry): boolean {
    const isFirst = this.#takesFirst && this.isEmpty;
    if (!isFirst && this.#bytes + entry.bytes > this.#maxBytes) return false;
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
    return true;
  }
}

function isJSON(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A copy in one piece. */
function flattened(data: RawWebSocketData): string | Uint8Array {
  if (typeof data === 'string') return data;
  const views = Array.isArray(data) ? data : [data];
  return Uint8Array.from(Buffer.concat(views.map(bytes)));
}

function bytes(data: ArrayBufferLike | ArrayBufferView): Uint8Array {
  if (!ArrayBuffer.isView(data)) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
