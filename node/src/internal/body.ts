/** From the `body` option to what goes over the wire. */

import { OpenAIError } from '../core/error.js';

/** An encoded body, and the content type it brings unless the caller names another. */
export interface Encoded {
  content: string | Uint8Array | null;
  contentType: string | undefined;
}

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
  if (body instanceof Uint8Array) return { content: body, contentType: undefined };
  if (body instanceof ArrayBuffer) return { content: new Uint8Array(body), contentType: undefined };
  if (ArrayBuffer.isView(body)) {
    return { content: new Uint8Array(body.buffer, body.byteOffset, body.byteLength), contentType: undefined };
  }
  if (typeof body === 'string' && contentType !== undefined && !isJson(contentType)) {
    return { content: body, contentType: undefined };
  }
  if (isFetchBody(body)) return viaResponse(body);
  if (isIterable(body)) return collected(body);
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

function isJson(contentType: string): boolean {
  return /^\s*application\/(.+\+)?json\b/i.test(contentType);
}

type FetchBody = Blob | FormData | URLSearchParams | ReadableStream;

function isFetchBody(body: unknown): body is FetchBody {
  return [Blob, FormData, URLSearchParams, ReadableStream].some((kind) => body instanceof kind);
}

/** `fetch` knows how to encode these, and so does its `Response`. */
async function viaResponse(body: FetchBody): Promise<Encoded> {
  const response = new Response(body);
  const contentType = response.headers.get('content-type') ?? undefined;
  return { content: new Uint8Array(await response.arrayBuffer()), contentType };
}

function isIterable(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

async function collected(body: AsyncIterable<Uint8Array | string>): Promise<Encoded> {
  const parts: (Uint8Array | string)[] = [];
  for await (const part of body) parts.push(part);
  return { content: Buffer.concat(parts.map((part) => Buffer.from(part as string))), contentType: undefined };
}
