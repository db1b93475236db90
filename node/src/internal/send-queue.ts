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
  #entries: Entry[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
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

  #add(entry: Entry): boolean {
    if (this.#bytes + entry.bytes > this.#maxBytes) return false;
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
    return true;
  }
}

function flattened(data: RawWebSocketData): string | Uint8Array {
  if (typeof data === 'string') return data;
  const views = Array.isArray(data) ? data : [data];
  return Buffer.concat(views.map(copied));
}

function copied(data: ArrayBufferLike | ArrayBufferView): Uint8Array {
  if (!ArrayBuffer.isView(data)) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
