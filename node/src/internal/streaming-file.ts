/** Files that are sent while they are read. */

import type { FilePropertyBag } from './to-file.js';

/** A piece of a file. */
export type BlobPart = string | ArrayBuffer | ArrayBufferView | Blob | DataView;

/** What {@link toStreamingFile} takes. */
export type StreamingFileInput = AsyncIterable<BlobPart> | ReadableStream<BlobPart>;

declare const brand_privateStreamingFile: unique symbol;

/** A file that is sent while it is read; made by {@link toStreamingFile}. */
export interface StreamingFile {
  readonly [brand_privateStreamingFile]: true;
  readonly data: StreamingFileInput;
  readonly name: string;
  readonly type?: string | undefined;
}

const made = new WeakSet<object>();

/**
 * Names a stream, so that it can be uploaded while it is read. Such an upload is not retried.
 *
 * @param options - Its media type; default `application/octet-stream`.
 * @throws {TypeError} The name is empty, or the type holds control characters.
 */
export function toStreamingFile(
  data: StreamingFileInput,
  name: string,
  options: Pick<FilePropertyBag, 'type'> = {},
): StreamingFile {
  if (typeof name !== 'string' || name === '') throw new TypeError('toStreamingFile requires a non-empty file name');
  const { type } = options;
  if (type !== undefined && /\p{Cc}/u.test(type)) {
    throw new TypeError('Streaming upload content type must not contain control characters');
  }
  const file = (type === undefined ? { data, name } : { data, name, type }) as StreamingFile;
  made.add(file);
  return file;
}

/** Whether `value` was made by {@link toStreamingFile}. */
export function isStreamingFile(value: unknown): value is StreamingFile {
  return typeof value === 'object' && value !== null && made.has(value);
}
