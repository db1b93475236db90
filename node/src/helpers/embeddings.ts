/** Embeddings, which travel as Base64 and arrive as numbers. */

import type { OpenAI } from '../client.js';
import type { APIPromise } from '../core/api-promise.js';
import type { RequestOptions } from '../internal/request-options.js';
import type { CreateEmbeddingResponse, Embedding, EmbeddingCreateParams, Embeddings } from '../resources/embeddings.js';
import { clientOf } from './owner.js';

/** A response whose vectors are as they came. */
type Base64EmbeddingResponse = Omit<CreateEmbeddingResponse, 'data'> & {
  data: (Omit<Embedding, 'embedding'> & { embedding: string })[];
};

/** Asks for embeddings; as Base64 on the wire, a quarter of the size, unless the caller names a format. */
export function create(
  resource: Embeddings,
  body: EmbeddingCreateParams,
  options?: RequestOptions,
): APIPromise<CreateEmbeddingResponse> {
  return createEmbedding(clientOf(resource), body, options) as APIPromise<CreateEmbeddingResponse>;
}

/** The same with the client that asks. */
export function createEmbedding(
  client: OpenAI,
  body: EmbeddingCreateParams,
  options?: RequestOptions,
): APIPromise<CreateEmbeddingResponse | Base64EmbeddingResponse> {
  const isChosen = Boolean(body.encoding_format);
  const sent = isChosen ? body : { ...body, encoding_format: 'base64' };
  const answer = client.post<CreateEmbeddingResponse>('/embeddings', { body: sent, ...options });
  return isChosen ? answer : answer._thenUnwrap(decoded);
}

function decoded(response: CreateEmbeddingResponse): CreateEmbeddingResponse {
  const data: unknown = response?.data;
  if (data === undefined) return response;
  if (!Array.isArray(data)) throw new TypeError('Expected embeddings response data to be an array');
  for (const item of data as { embedding: unknown }[]) {
    if (typeof item.embedding === 'string') item.embedding = numbers(item.embedding);
  }
  return response;
}

/** The 32-bit floats, little-endian, behind a Base64 text. */
function numbers(text: string): number[] {
  const bytes = Buffer.from(text, 'base64');
  const size = Float32Array.BYTES_PER_ELEMENT;
  if (bytes.length % size !== 0) {
    throw new RangeError('Invalid base64-encoded float32 array: byte length must be a multiple of 4');
  }
  const count = bytes.length / size;
  const aligned = bytes.byteOffset % size === 0 ? bytes : Uint8Array.from(bytes);
  const floats = new Float32Array(aligned.buffer, aligned.byteOffset, count);
  // `Array.from` takes twenty times as long.
  const list = new Array<number>(count);
  for (let index = 0; index < count; index++) list[index] = floats[index] as number;
  return list;
}
