/** What every method gives: a promise of the parsed answer that can also give the answer itself. */

import type { OpenAI } from '../client.js';
import type { PromiseOrValue } from '../internal/types.js';
import { rateLimitOf, type RateLimit } from '../internal/rate-limit.js';
import { withRequestID, type APIResponseProps, type Asked, type WithRequestID } from '../internal/parse.js';

type Parse<T> = (client: OpenAI, props: APIResponseProps) => PromiseOrValue<T>;

/** The same call, whose answer `read` reads in place of the usual parser. */
export let readWith: <T>(call: APIPromise<unknown>, read: (answer: APIResponseProps) => PromiseOrValue<T>) => APIPromise<T>;

/** A promise of `T`; the request is on its way whether or not anybody waits. */
export class APIPromise<T> extends Promise<WithRequestID<T>> {
  #client: OpenAI;
  #answer: Asked;
  #parse: Parse<WithRequestID<T>>;
  #parsed: Promise<WithRequestID<T>> | undefined;

  /**
   * @param responsePromise - The accepted answer.
   * @param parseResponse - Gives its value, once; by default the JSON, text or stream that it holds.
   */
  constructor(
    client: OpenAI,
    responsePromise: Promise<APIResponseProps>,
    parseResponse: (client: OpenAI, props: APIResponseProps) => PromiseOrValue<WithRequestID<T>> = (owner, props) =>
      props.parse(owner) as WithRequestID<T>,
  ) {
    // This promise itself stays pending: `then` leads to the parsed answer, and only when somebody asks.
    super(() => {});
    this.#client = client;
    this.#answer = responsePromise;
    this.#parse = parseResponse;
  }

  static {
    readWith = (call, read) =>
      new APIPromise(call.#client, call.#answer, async (_client, props) => withRequestID(await read(props), props.reply) as never);
  }

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** The same call with another value; used by methods that add something to what the API gives. */
  _thenUnwrap<U>(transform: (data: T, props: APIResponseProps) => U): APIPromise<U> {
    const parse: Parse<WithRequestID<U>> = async (client, props) => {
      // What asks again before it gives a value is awaited, too.
      const value = await transform((await this.#parse(client, props)) as T, props);
      return withRequestID(value, props.reply) as WithRequestID<U>;
    };
    return new APIPromise<U>(this.#client, this.#answer, parse);
  }

  /**
   * The answer as a `Response`, whose body is not read.
   *
   * @throws {APIError} As the promise itself.
   */
  asResponse(): Promise<Response> {
    const { wish } = this.#answer;
    if (wish !== undefined && this.#parsed === undefined) wish.isRaw = true;
    return this.#response();
  }

  /**
   * The parsed answer, the `Response`, its `x-request-id` and the limits that the call counted against.
   *
   * @throws {APIError} As the promise itself.
   */
  async withResponse(): Promise<{ data: T; response: Response; request_id: string | null; rate_limit: RateLimit | null }> {
    const [data, response] = await Promise.all([this.#value(), this.#response()]);
    const answer = { data: data as T, response, request_id: response.headers.get('x-request-id') };
    // Not seen by what compares or prints an answer, which is that of the official package.
    return Object.defineProperty(answer, 'rate_limit', { get: () => rateLimitOf(response.headers) }) as typeof answer & {
      rate_limit: RateLimit | null;
    };
  }

  #response(): Promise<Response> {
    return this.#answer.then((props) => props.response);
  }

  #value(): Promise<WithRequestID<T>> {
    return (this.#parsed ??= this.#answer.then((props) => this.#parse(this.#client, props)));
  }

  override then<TResult1 = WithRequestID<T>, TResult2 = never>(
    onfulfilled?: ((value: WithRequestID<T>) => TResult1 | PromiseLike<TResult1>) | undefined | null,
    onrejected?: ((reason: any) => TResult2 | PromiseLike<TResult2>) | undefined | null,
  ): Promise<TResult1 | TResult2> {
    return this.#value().then(onfulfilled, onrejected);
  }

  override catch<TResult = never>(
    onrejected?: ((reason: any) => TResult | PromiseLike<TResult>) | undefined | null,
  ): Promise<WithRequestID<T> | TResult> {
    return this.#value().catch(onrejected);
  }

  override finally(onfinally?: (() => void) | undefined | null): Promise<WithRequestID<T>> {
    return this.#value().finally(onfinally);
  }
}
