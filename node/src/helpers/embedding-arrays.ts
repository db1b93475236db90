/** Embeddings as one array of 32-bit floats, beside `create`, which keeps the official arrays of numbers. */

import { readWith, type APIPromise } from '../core/api-promise.js';
import { OpenAIError } from '../core/error.js';
import { APIResource } from '../core/resource.js';
import type { Vectors } from '../internal/native.cjs';
import type { RequestOptions } from '../internal/request-options.js';
import type { CreateEmbeddingResponse, EmbeddingCreateParams } from '../resources/embeddings.js';

/** Joins `Embeddings`. */
export class EmbeddingArrays extends APIResource {
  /**
   * Turns texts into vectors as `create` does, and gives all of them as one array of 32-bit floats, decoded from the answer
   * without a number or text of its own for each vector.
   *
   * @param body - That of `create`, without `encoding_format`: vectors travel as Base64.
   * @param options - Options of the call; times are in milliseconds.
   * @throws {APIError} No answer arrived (`APIConnectionError`), or one with a status of 400 or more.
   * @throws {OpenAIError} The answer has no vectors, or they are not of one length; the message names the row.
   */
  createArray(
    body: Omit<EmbeddingCreateParams, 'encoding_format'>,
    options?: RequestOptions,
  ): APIPromise<EmbeddingArray> {
    const call = this._client.post('/embeddings', { body: { ...body, encoding_format: 'base64' }, ...options });
    return readWith(call, async (answer) => {
      const vectors = await answer.vectors('data', 'embedding', 'index');
      if (typeof vectors === 'string') throw new OpenAIError(`The embeddings cannot be read: ${vectors}.`);
      return new EmbeddingArray(vectors);
    });
  }
}

/** The vectors of an answer, row after row in the order of the inputs. */
export class EmbeddingArray {
  /** The numbers of all vectors: those of row `i` start at `i * dimensions`. */
  readonly array: Float32Array;
  /** How many vectors there are. */
  readonly length: number;
  /** How many numbers each vector has. */
  readonly dimensions: number;
  /** The model that made the vectors. */
  readonly model: string;
  /** What the call used. */
  readonly usage: CreateEmbeddingResponse.Usage;
  declare readonly _request_id?: string | null;
  readonly #rest: CreateEmbeddingResponse;

  /** @param vectors - As native code decoded them. */
  constructor(vectors: Vectors) {
    const bytes = vectors.bytes();
    this.length = vectors.rows();
    this.dimensions = vectors.dimensions();
    this.array = new Float32Array(bytes.buffer, bytes.byteOffset, this.length * this.dimensions);
    this.#rest = JSON.parse(vectors.rest()) as CreateEmbeddingResponse;
    this.model = this.#rest.model;
    this.usage = this.#rest.usage;
  }

  /**
   * One vector: a view, so that what is written to it is written to `array`.
   *
   * @param index - From 0; negative ones count from the end.
   * @throws {RangeError} There is no such row.
   */
  row(index: number): Float32Array {
    const place = index < 0 ? index + this.length : index;
    if (!Number.isInteger(place) || place < 0 || place >= this.length) {
      throw new RangeError(`There is no row ${index} in an array of ${this.length} embeddings.`);
    }
    return this.array.subarray(place * this.dimensions, (place + 1) * this.dimensions);
  }

  /** The rows in order, as views. */
  *[Symbol.iterator](): Generator<Float32Array, undefined> {
    for (let index = 0; index < this.length; index++) yield this.row(index);
  }

  /** What `client.embeddings.create` gives: objects with arrays of numbers, copies. */
  toOfficial(): CreateEmbeddingResponse {
    const data = [...this].map((row, index) => ({ object: 'embedding' as const, index, embedding: [...row] }));
    return { ...this.#rest, data };
  }
}
