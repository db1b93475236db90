/** What may be uploaded, and request bodies that hold it. */

import { Form, formOf, type FormOptions } from './form.js';
import type { RequestOptions } from './request-options.js';
import { isStreamingFile, type BlobPart, type StreamingFile } from './streaming-file.js';
import { isAsyncIterable, isResponseLike } from './to-file.js';

export { toStreamingFile, type BlobPart, type StreamingFile, type StreamingFileInput } from './streaming-file.js';

/** What `fs.createReadStream` gives. */
type FsReadStream = AsyncIterable<Uint8Array> & { path: string | { toString(): string } };

/** A file of Bun. */
interface BunFile extends Blob {
  readonly name?: string | undefined;
}

type NamedBlob = Blob & { readonly name?: string | undefined };

/** What a file parameter takes. */
export type Uploadable =
  | File
  | Response
  | FsReadStream
  | BunFile
  | NamedBlob
  | AsyncIterable<BlobPart>
  | ReadableStream<BlobPart>
  | StreamingFile;

/** Turns the body into a form, if there is a file in it. */
export async function maybeMultipartFormRequestOptions(
  options: RequestOptions,
  client: unknown,
  form: FormOptions = {},
): Promise<RequestOptions> {
  return hasUploadableValue(options.body) ? multipartFormRequestOptions(options, client, form) : options;
}

/** Turns the body into a form. */
export async function multipartFormRequestOptions(
  options: RequestOptions,
  _client: unknown,
  form: FormOptions = {},
): Promise<RequestOptions> {
  return { ...options, body: options.body instanceof Form ? options.body : await formOf(options.body, form) };
}

/** Whether there is a file in `value`, at any depth. */
export function hasUploadableValue(value: unknown): boolean {
  if (isUploadable(value)) return true;
  if (Array.isArray(value)) return value.some(hasUploadableValue);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasUploadableValue);
}

function isUploadable(value: unknown): boolean {
  return value instanceof Blob || isResponseLike(value) || isAsyncIterable(value) || isStreamingFile(value);
}
