/** Streams of the platform. */

type Readable<R = any> = globalThis.ReadableStream<R>;
type Writable<R = any> = globalThis.WritableStream<R>;

export type { Readable as ReadableStream, Writable as WritableStream };
