/**
 * Streams of responses that run in the background: after a break they go on where they were.
 *
 * The API keeps the events of such a response and numbers them, so that `GET /responses/{id}?starting_after=N` gives those
 * that follow number N.
 */

import type { OpenAI } from '../client.js';
import { APIConnectionError, APIUserAbortError, OpenAIError } from '../core/error.js';
import { Stream } from '../core/streaming.js';
import { endingOf, tellsEnding } from './ending.js';
import { iteratesBy, link } from './native-stream.js';
import type { FinalRequestOptions, RequestOptions } from './request-options.js';

/** What is looked at in an event. */
interface Numbered {
  sequence_number?: unknown;
  response?: { id?: unknown } | null;
}

/** @throws {OpenAIError} The answer is no stream, or that of a response that does not run in the background. */
export function requireResumable(options: FinalRequestOptions): void {
  if (!options.stream) {
    throw new OpenAIError('`resume: true` needs `stream: true`, because there is nothing to resume in a whole answer.');
  }
  if (options.method === 'get' || (options.body as { background?: unknown } | undefined)?.background) return;
  throw new OpenAIError(
    '`resume: true` needs `background: true`, because the API keeps the events of a response only when it runs in the ' +
      'background.',
  );
}

/**
 * A stream over `first` that goes on after a break.
 *
 * @param first - What came first, with a controller of its own.
 * @param controller - Aborts the whole.
 * @param started - When the call began, as `performance.now()`.
 */
export function resumingStream<Item>(
  client: OpenAI,
  options: FinalRequestOptions,
  first: Stream<Item>,
  controller: AbortController,
  started: number,
): Stream<Item> {
  const unlink = link(options.signal, controller);
  const run = new Run<Item>(client, options, first, controller, started);
  const iterate = (adjust?: (item: unknown) => void) => run.items(adjust, unlink);
  const stream = new Stream<Item>(() => iterate(), controller, client);
  iteratesBy(stream, iterate);
  tellsEnding(stream, () => run.endedCleanly);
  return stream;
}

/** How far a stream has come, and whether it may go on. */
class Run<Item> {
  endedCleanly: boolean | null = null;
  readonly #client: OpenAI;
  readonly #options: FinalRequestOptions;
  readonly #controller: AbortController;
  readonly #started: number;
  #stream: Stream<Item>;
  #isConsumed = false;
  /** Known from the start for a stream that retrieves a response; the first event of one that creates it says it. */
  #responseID: string | undefined;
  #sequence: number | undefined;
  #count = 0;
  /** Whether an event came over the present connection. One that brought none has used up the retries. */
  #hasMoved = false;

  constructor(
    client: OpenAI,
    options: FinalRequestOptions,
    first: Stream<Item>,
    controller: AbortController,
    started: number,
  ) {
    this.#client = client;
    this.#options = options;
    this.#stream = first;
    this.#controller = controller;
    this.#started = started;
    controller.signal.addEventListener('abort', () => this.#stream.controller.abort(), { once: true });
    if (options.method === 'get') this.#responseID = options.path.split('?')[0]?.split('/').at(-1);
  }

  async *items(adjust: ((item: unknown) => void) | undefined, released: () => void): AsyncGenerator<Item, undefined> {
    if (this.#isConsumed) yield* this.#stream;
    this.#isConsumed = true;
    let isOver = false;
    try {
      for (;;) {
        let cut: APIConnectionError | undefined;
        try {
          for await (const item of this.#stream) {
            if (!this.#isNew(item as Numbered)) continue;
            adjust?.(item);
            yield item;
          }
        } catch (error) {
          if (!(error instanceof APIConnectionError)) throw error;
          cut = error;
        }
        const rest = this.#rest(cut);
        if (rest === undefined) {
          isOver = true;
          return undefined;
        }
        try {
          this.#stream = await this.#client.get<Stream<Item>>(this.#path(), rest);
        } catch (error) {
          // The caller knows that it aborted.
          if (error instanceof APIUserAbortError) return undefined;
          throw error;
        }
      }
    } finally {
      this.endedCleanly = isOver && endingOf(this.#stream) === true;
      released();
    }
  }

  /** Takes note of an event; false when it came before. */
  #isNew(item: Numbered | null): boolean {
    this.#hasMoved = true;
    const number = item?.sequence_number;
    if (typeof number === 'number') {
      if (this.#sequence !== undefined && number <= this.#sequence) return false;
      this.#sequence = number;
    }
    const id = item?.response?.id;
    if (this.#responseID === undefined && typeof id === 'string') this.#responseID = id;
    this.#count++;
    return true;
  }

  /**
   * The options of the request for what is left after a break, or after an end in order where there is no `cut`; nothing
   * where nothing is left.
   *
   * @throws {APIConnectionError} The stream cannot go on.
   */
  #rest(cut: APIConnectionError | undefined): RequestOptions | undefined {
    if (this.#controller.signal.aborted) return undefined;
    if (cut === undefined && endingOf(this.#stream) === true) return undefined;
    const { maxRetries = this.#client.maxRetries } = this.#options;
    const deadline = this.#deadline();
    const isLate = deadline !== null && deadline <= 0;
    if (this.#responseID === undefined || this.#sequence === undefined || !this.#hasMoved || maxRetries < 1 || isLate) {
      if (cut !== undefined) {
        cut.events = this.#count;
        throw cut;
      }
      if (!(this.#options.strictEnd ?? this.#client.strictEnd)) return undefined;
      throw new APIConnectionError({
        message: `The stream ended after ${this.#count} events without a final event, and could not be resumed.`,
      });
    }
    this.#hasMoved = false;
    const { headers, timeout, fetchOptions, defaultBaseURL, __security } = this.#options;
    const rest: RequestOptions = {
      query: this.#query(),
      stream: true,
      strictEnd: false,
      maxRetries: maxRetries - 1,
      deadline,
      signal: this.#controller.signal,
    };
    return Object.assign(rest, defined({ headers, timeout, fetchOptions, defaultBaseURL, __security }));
  }

  /** Milliseconds that are left for the whole call, or null for no limit. */
  #deadline(): number | null {
    const { deadline = this.#client.deadline } = this.#options;
    return deadline == null ? null : Math.ceil(deadline - (performance.now() - this.#started));
  }

  #path(): string {
    const [path = '', query] = this.#options.path.split('?');
    const whole = this.#options.method === 'get' ? path : `${path}/${encodeURIComponent(this.#responseID ?? '')}`;
    return query === undefined ? whole : `${whole}?${query}`;
  }

  #query(): object {
    const next = { starting_after: this.#sequence, stream: true };
    if (this.#options.method === 'get') return { ...this.#options.query, ...next };
    // What was asked for beyond the usual events is asked for again.
    const body = this.#options.body as {
      include?: unknown;
      stream_options?: { include_obfuscation?: unknown } | null;
    };
    const include_obfuscation = body.stream_options?.include_obfuscation;
    return { ...this.#options.query, ...defined({ include: body.include, include_obfuscation }), ...next };
  }
}

function defined(members: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
