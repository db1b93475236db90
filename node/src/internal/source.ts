/** Bytes that are read in JavaScript while native code sends them. */

import { forget, newId, theHub, wait } from './hub.js';
import { addon, AGAIN, FULL, OVER, ROOM, type Sink } from './native.cjs';

/** Reads from its beginning each time it is called. */
type Open = () => AsyncIterable<unknown>;

const encoder = new TextEncoder();

/** What is pushed into one {@link Sink}, with backpressure: no more is read than native code has room for. */
export class Source {
  readonly sink: Sink;
  /** Why reading failed. */
  error: unknown;
  readonly #open: Open;
  readonly #isReplayable: boolean;
  readonly #id = newId();
  #isStopped = false;
  #iterator: AsyncIterator<Uint8Array> | undefined;

  /** @param isReplayable - Whether a retry may read it again. */
  constructor(open: Open, isReplayable: boolean) {
    this.#open = open;
    this.#isReplayable = isReplayable;
    this.sink = new (addon().Sink)(theHub(), this.#id, isReplayable);
  }

  /** Starts to read. It ends by itself, or with {@link Source.stop}. */
  start(): void {
    void this.#run().catch((error: unknown) => {
      this.error = error;
      this.sink.fail(error instanceof Error ? error.message : String(error));
    });
  }

  /** The call is settled: nothing more is read. */
  stop(): void {
    this.#isStopped = true;
    forget(this.#id);
    // A source that waits for its own data is told, too, so that a file behind it is closed.
    void this.#iterator?.return?.().catch(() => {});
  }

  async #run(): Promise<void> {
    let state = AGAIN;
    while (state === AGAIN && !this.#isStopped) {
      const iterator = pieces(this.#open());
      this.#iterator = iterator;
      state = await this.#pushAll(iterator);
      if (state !== ROOM) await iterator.return(undefined);
      else if (this.#isReplayable) state = await this.#untilAgain();
    }
  }

  async #pushAll(iterator: AsyncGenerator<Uint8Array>): Promise<number> {
    for await (const piece of iterator) {
      if (this.#isStopped) return OVER;
      const state = this.sink.push(piece);
      if (state === AGAIN || state === OVER) return state;
      if (state === FULL) await this.#announced();
    }
    return this.sink.end();
  }

  /** All is read; a retry may want it again. */
  async #untilAgain(): Promise<number> {
    for (;;) {
      await this.#announced();
      const state = this.sink.end();
      if (state !== ROOM) return state;
    }
  }

  #announced(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#isStopped) wait(this.#id, () => resolve());
    });
  }
}

/** The bytes of everything that may come out of a file or stream. */
async function* pieces(values: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const value of values) yield* bytesOf(value);
}

async function* bytesOf(value: unknown): AsyncGenerator<Uint8Array> {
  if (typeof value === 'string') yield encoder.encode(value);
  else if (value instanceof Uint8Array) yield value;
  else if (value instanceof ArrayBuffer) yield new Uint8Array(value);
  else if (ArrayBuffer.isView(value)) yield new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  else if (value instanceof Blob) yield* value.stream() as unknown as AsyncIterable<Uint8Array>;
  else throw new TypeError(`A streamed body gave ${kind(value)}; give text, bytes or blobs.`);
}

function kind(value: unknown): string {
  return value === null ? 'null' : `a ${typeof value}`;
}
