/** A response as it came over the wire; the costly parts are built when asked for. */

import { addon, type EventStream, type Head, type Reply, type Vectors, type WebSocket } from './native.cjs';

/** Statuses whose `Response` may not have a body. */
const BODILESS = new Set([101, 103, 204, 205, 304]);

/** An answer to a `fetch` of the caller's, and the body that was read from it. */
export interface Kept {
  response: Response;
  body: Uint8Array | null;
}

const decoder = new TextDecoder();

/** The head of a response and its body. */
export class WireReply {
  readonly #native: Reply;
  readonly #kept: Kept | undefined;
  #parsed: Head | undefined;
  #headers: Headers | undefined;
  #response: Response | undefined;

  /** @param kept - Has the headers and the body where native code was given neither. */
  constructor(native: Reply, kept?: Kept) {
    this.#native = native;
    this.#kept = kept;
  }

  get #head(): Head {
    return (this.#parsed ??= JSON.parse(this.#native.head()) as Head);
  }

  /** The HTTP status. */
  get status(): number {
    return this.#kept?.response.status ?? this.#head.status;
  }

  /** Whether its status rules a body out. */
  get isBodiless(): boolean {
    return BODILESS.has(this.status);
  }

  /** The URL that answered, after redirects. */
  get url(): string {
    return this.#head.url;
  }

  /** Retries made before this answer. */
  get retries(): number {
    return this.#head.retries;
  }

  /** The headers as a `Headers` object. */
  get headers(): Headers {
    return (this.#headers ??= this.#kept?.response.headers ?? new Headers(this.#head.headers));
  }

  /** The first value of a header, without building all of them; `name` in lower case. */
  header(name: string): string | null {
    if (this.#kept !== undefined) return this.#kept.response.headers.get(name);
    const found = this.#head.headers.find((pair) => pair[0] === name);
    return found === undefined ? null : found[1];
  }

  /** The whole body as text. */
  text(): string {
    if (this.#kept === undefined) return this.#native.text();
    return this.#kept.body === null ? '' : decoder.decode(this.#kept.body);
  }

  /** The vectors of the whole body, or one sentence that says why there are none. */
  vectors(list: string, vector: string, index: string): Vectors | string {
    if (this.#kept === undefined) return this.#native.vectors(list, vector, index);
    return addon().vectors(this.#kept.body ?? new Uint8Array(), list, vector, index);
  }

  /** The events of a streamed reply, once. */
  events(): EventStream | null {
    return this.#native.events();
  }

  /** The pieces of a body that is handed on as it comes, once. */
  chunks(): EventStream | null {
    return this.#native.chunks();
  }

  /** The connection that an answer of 101 has opened, once. */
  socket(): WebSocket | null {
    return this.#native.socket();
  }

  /**
   * A real `Response`.
   *
   * @param body - Its body; left out, the whole body of a reply that is no stream.
   */
  response(body?: () => ReadableStream<Uint8Array> | null): Response {
    if (this.#response !== undefined) return this.#response;
    const content = this.isBodiless ? null : body === undefined ? this.#bytes() : body();
    const response = new Response(content as BodyInit | null, {
      status: this.status,
      statusText: this.#head.reason,
      headers: this.headers,
    });
    return (this.#response = received(response, { url: this.url, type: 'basic', redirected: this.#isRedirected }));
  }

  get #isRedirected(): boolean {
    const { asked, url } = this.#head;
    return this.#kept?.response.redirected ?? (asked !== null && new URL(asked).href !== url);
  }

  #bytes(): Uint8Array | null {
    return this.#kept === undefined ? this.#native.bytes() : this.#kept.body;
  }
}

/** A `Response` that says where it came from, and its clones, too: one that was constructed knows nothing of it. */
function received(response: Response, origin: Pick<Response, 'url' | 'type' | 'redirected'>): Response {
  const clone = () => received(Response.prototype.clone.call(response), origin);
  const told = Object.entries({ ...origin, clone }).map(([name, value]) => [name, { value, configurable: true, writable: true }]);
  return Object.defineProperties(response, Object.fromEntries(told) as PropertyDescriptorMap);
}
