/** Files out of everything that holds bytes. */

import { fileName } from './file-name.js';

interface BlobLike {
  readonly size: number;
  readonly type: string;
  text(): Promise<string>;
  slice(start?: number, end?: number): BlobLike;
}

interface FileLike extends BlobLike {
  readonly lastModified: number;
  readonly name?: string | undefined;
}

type BlobLikePart = string | ArrayBuffer | ArrayBufferView | BlobLike | DataView;

/** The part of a `Response` that {@link toFile} needs. */
export interface ResponseLike {
  url: string;
  blob(): Promise<BlobLike>;
}

/** The type of a file, and when it was changed (in milliseconds since 1970). */
export interface FilePropertyBag {
  endings?: 'native' | 'transparent';
  type?: string;
  lastModified?: number;
}

/** What {@link toFile} takes. */
export type ToFileInput = FileLike | ResponseLike | Exclude<BlobLikePart, string> | AsyncIterable<BlobLikePart>;

/** The name of a file that has none. */
export const UNKNOWN_FILE = 'unknown_file';

/**
 * A `File` with the bytes of `value`, which is read to its end.
 *
 * @param value - A `Response`, `Blob`, `File`, buffer, stream or other asynchronous iterable, or a promise of one.
 * @param name - Default: the name that `value` has, then `unknown_file`.
 * @param options - The type and the time of the last change; default those of `value`.
 * @throws {Error} `value` is none of these.
 */
export async function toFile(
  value: ToFileInput | PromiseLike<ToFileInput>,
  name?: string | null | undefined,
  options?: FilePropertyBag | undefined,
): Promise<File> {
  const given: unknown = await value;
  if (given instanceof File && (name == null || name === given.name) && options === undefined) return given;
  const named = name ?? fileName(given, true) ?? UNKNOWN_FILE;
  if (isFileLike(given)) return new File(await parts(given), named, { ...properties(given), ...defined(options) });
  if (isResponseLike(given)) {
    const blob = await given.blob();
    return new File(await parts(blob), named, { ...properties(blob), ...defined(options) });
  }
  return new File(await parts(given), named, { ...properties(given), ...defined(options) });
}

/** Whether `value` is a `Response`, of this or of another implementation. */
export function isResponseLike(value: unknown): value is ResponseLike {
  const { url, blob } = (value ?? {}) as Partial<ResponseLike>;
  return typeof value === 'object' && typeof url === 'string' && typeof blob === 'function';
}

/** The bytes of `value` as a `Blob` takes them. */
async function parts(value: unknown): Promise<BlobPart[]> {
  if (typeof value === 'string' || value instanceof ArrayBuffer) return [value];
  if (ArrayBuffer.isView(value)) return [value as ArrayBufferView<ArrayBuffer>];
  if (value instanceof Blob) return [value];
  if (isBlobLike(value)) return [await value.arrayBuffer()];
  if (isAsyncIterable(value)) {
    const all: BlobPart[] = [];
    for await (const part of value) all.push(...(await parts(part)));
    return all;
  }
  throw new Error(`Unexpected data type: ${describe(value)}; pass a file, buffer, response or asynchronous iterable.`);
}

function properties(value: unknown): FilePropertyBag {
  const { type, lastModified } = (value ?? {}) as Partial<FileLike>;
  return {
    ...(typeof type === 'string' ? { type } : {}),
    ...(typeof lastModified === 'number' ? { lastModified } : {}),
  };
}

function defined(options: FilePropertyBag | undefined): FilePropertyBag {
  return Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined));
}

function isFileLike(value: unknown): value is FileLike {
  return isBlobLike(value) && typeof (value as Partial<FileLike>).lastModified === 'number';
}

function isBlobLike(value: unknown): value is BlobLike & { arrayBuffer(): Promise<ArrayBuffer> } {
  const { size, type, text, slice, arrayBuffer } = (value ?? {}) as Partial<Blob>;
  const isData = typeof size === 'number' && typeof type === 'string';
  return isData && [text, slice, arrayBuffer].every((method) => typeof method === 'function');
}

/** Whether `for await` can read `value`, text aside. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function describe(value: unknown): string {
  const name = (value as { constructor?: { name?: unknown } } | null | undefined)?.constructor?.name;
  return typeof name === 'string' ? `${typeof value}; constructor: ${name}` : typeof value;
}
