/** From the `body` option to what goes over the wire. */

import { OpenAIError } from '../core/error.js';
import { Form, formOfData, type FileField } from './form.js';
import { addon, type Multipart, type Sink } from './native.cjs';
import { Source } from './source.js';
import { isAsyncIterable } from './to-file.js';

/** A body that is read while it is sent. */
export class Streamed {
  readonly values: AsyncIterable<unknown>;

  constructor(values: AsyncIterable<unknown>) {
    this.values = values;
  }
}

/** An encoded body, and the content type it brings unless the caller names another. */
export interface Encoded {
  content: string | Uint8Array | Form | Streamed | null;
  contentType: string | undefined;
}

/** A body as native code takes it, and what has to be read while it is sent. */
export interface Transmission {
  body: string | Uint8Array | Multipart | Sink | null;
  sources: Source[];
}

/** A file of at most this many bytes is read before it is sent. */
const SMALL_FILE = 256 * 1024;

/**
 * Encodes a body.
 *
 * @param contentType - What the caller's headers say.
 * @param query - Encodes an object as a form.
 */
export function encodedBody(
  body: unknown,
  contentType: string | undefined,
  query: (fields: object) => string,
): Encoded | Promise<Encoded> {
  if (body === undefined || body === null) return { content: null, contentType: undefined };
  if (body instanceof Form) return formed(body, contentType);
  if (body instanceof Uint8Array) return { content: body, contentType: undefined };
  if (body instanceof ArrayBuffer) return { content: new Uint8Array(body), contentType: undefined };
  if (ArrayBuffer.isView(body)) {
    return { content: new Uint8Array(body.buffer, body.byteOffset, body.byteLength), contentType: undefined };
  }
  if (typeof body === 'string' && contentType !== undefined && !isJson(contentType)) {
    return { content: body, contentType: undefined };
  }
  if (body instanceof FormData) return formed(formOfData(body), contentType);
  if (body instanceof Blob || body instanceof URLSearchParams) return viaResponse(body);
  if (isAsyncIterable(body)) return { content: new Streamed(body), contentType: undefined };
  if (isIterator(body)) return { content: new Streamed(delayed(body)), contentType: undefined };
  if (typeof body === 'object' && contentType === 'application/x-www-form-urlencoded') {
    return { content: query(body), contentType };
  }
  const text = JSON.stringify(body);
  if (text === undefined) {
    throw new OpenAIError(
      `The body of a request is a ${typeof body}, which is no JSON; give an object, text or bytes.`,
    );
  }
  return { content: text, contentType: 'application/json' };
}

/** Hands a body over to native code; each of its sources has to be started and stopped. */
export async function transmission({ content, contentType }: Encoded): Promise<Transmission> {
  if (content instanceof Streamed) {
    const source = new Source(() => content.values, false);
    return { body: source.sink, sources: [source] };
  }
  if (content instanceof Form) return multipart(content, boundaryOf(contentType) ?? '');
  return { body: content, sources: [] };
}

async function multipart(form: Form, boundary: string): Promise<Transmission> {
  const { isStreaming } = form;
  const body = new (addon().Multipart)(boundary, isStreaming);
  const sources: Source[] = [];
  for (const field of form.fields) {
    if ('text' in field) body.text(field.name, field.text);
    else if (field.data instanceof Blob && field.data.size <= SMALL_FILE) {
      body.bytes(field.name, field.filename, field.type, new Uint8Array(await field.data.arrayBuffer()));
    } else {
      const source = sourceOf(field.data);
      sources.push(source);
      const length = field.data instanceof Blob && !isStreaming ? field.data.size : null;
      body.sink(field.name, field.filename, field.type, source.sink, length);
    }
  }
  return { body, sources };
}

function sourceOf(data: FileField['data']): Source {
  if (!(data instanceof Blob)) return new Source(() => data, false);
  return new Source(() => data.stream() as unknown as AsyncIterable<unknown>, true);
}

/** A form has the caller's boundary, if there is one. */
function formed(form: Form, contentType: string | undefined): Encoded {
  if (boundaryOf(contentType) !== undefined) return { content: form, contentType };
  // As long as those of the official package, so that the length of the body is the same.
  const digits = [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => byte % 10).join('');
  const boundary = form.isStreaming ? `openai-${digits}` : `----formdata-tailrace-${digits}`;
  return { content: form, contentType: `multipart/form-data; boundary=${boundary}` };
}

function boundaryOf(contentType: string | undefined): string | undefined {
  const found = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType ?? '');
  return found?.[1] ?? found?.[2];
}

function isJson(contentType: string): boolean {
  return /^\s*application\/(.+\+)?json\b/i.test(contentType);
}

/** `fetch` knows how to encode these, and so does its `Response`. */
async function viaResponse(body: Blob | URLSearchParams): Promise<Encoded> {
  const response = new Response(body);
  const contentType = response.headers.get('content-type') ?? undefined;
  return { content: new Uint8Array(await response.arrayBuffer()), contentType };
}

function isIterator(body: unknown): body is Iterable<unknown> {
  if (typeof body !== 'object' || body === null || !(Symbol.iterator in body)) return false;
  return typeof (body as { next?: unknown }).next === 'function';
}

async function* delayed(values: Iterable<unknown>): AsyncGenerator<unknown> {
  yield* values;
}
