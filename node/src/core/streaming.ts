/** Streams of items, over a native event stream or over any `ReadableStream`. */

import type { OpenAI } from '../client.js';
import { endingOf, sharesEnding } from '../internal/ending.js';
import type { EventMode } from '../internal/event-item.js';
import { CONSUMED } from '../internal/event-iterator.js';
import { jsonLines, responseEvents, responsePairs } from '../internal/readable-events.js';
import { OpenAIError } from './error.js';

/** One event as it came: its name, its data, and its lines. */
export type ServerSentEvent = {
  event: string | null;
  data: string;
  raw: string[];
};

/**
 * The items of a streamed answer, in order, once.
 *
 * `for await` reads them. Leaving the loop early, or `controller.abort()`, closes the connection at once; after an abort
 * the loop ends without an exception.
 */
export class Stream<Item> implements AsyncIterable<Item> {
  private iterator: () => AsyncIterator<Item>;
  /** Aborts the stream. */
  controller: AbortController;

  /**
   * @param iterator - Gives an iterator over the items each time it is called.
   * @param controller - Aborts what is behind the iterator.
   * @param client - Whose logger is told of broken data; none is told without it.
   */
  constructor(iterator: () => AsyncIterator<Item>, controller: AbortController, client?: OpenAI) {
    void client;
    this.iterator = iterator;
    this.controller = controller;
  }

  /**
   * A stream over the server-sent events of a `Response`.
   *
   * @param synthesizeEventData - Give `{ event, data }` instead of the data alone.
   * @param streamMode - With `events` an event named `error` is an item like any other.
   */
  static fromSSEResponse<Item>(
    response: Response,
    controller: AbortController,
    client?: OpenAI,
    synthesizeEventData?: boolean,
    streamMode: EventMode = 'legacy',
  ): Stream<Item> {
    const read = () => responseEvents(response, controller, client, synthesizeEventData ?? false, streamMode);
    return new Stream<Item>(once(read, controller) as () => AsyncIterator<Item>, controller, client);
  }

  /** A stream over newline-delimited JSON, such as {@link Stream.toReadableStream} writes. */
  static fromReadableStream<Item>(
    readableStream: ReadableStream,
    controller: AbortController,
    client?: OpenAI,
  ): Stream<Item> {
    const read = () => jsonLines(readableStream, client);
    return new Stream<Item>(once(read, controller) as () => AsyncIterator<Item>, controller, client);
  }

  [Symbol.asyncIterator](): AsyncIterator<Item> {
    return this.iterator();
  }

  /**
   * Whether the stream came to the end that the API gives it; `null` until the end was read.
   *
   * `true` after `[DONE]`, and when the body ended in order and its last event is one after which the API sends nothing,
   * such as `response.completed`. `false` when the connection broke, when the body ended without either, as that of some
   * compatible servers does, when iterating threw, and when the loop was left or the stream aborted before its end was
   * read. Of a stream over a `Response` or a `ReadableStream` nothing is known, which is `null`.
   */
  get endedCleanly(): boolean | null {
    return endingOf(this);
  }

  /** Replaces what iterates over the items; it is made out of what does so now. */
  __betaTransformIterator(transform: (iterator: () => AsyncIterator<Item>) => () => AsyncIterator<Item>): void {
    this.iterator = transform(this.iterator);
  }

  /** Two streams that each give all items; what one has read is kept for the other. */
  tee(): [Stream<Item>, Stream<Item>] {
    const left: Promise<IteratorResult<Item>>[] = [];
    const right: Promise<IteratorResult<Item>>[] = [];
    const iterator = this.iterator();
    const branch = (queue: Promise<IteratorResult<Item>>[]) => (): AsyncIterator<Item> => ({
      next: () => {
        if (queue.length === 0) {
          const result = iterator.next();
          left.push(result);
          right.push(result);
        }
        return queue.shift() as Promise<IteratorResult<Item>>;
      },
    });
    const branches: [Stream<Item>, Stream<Item>] = [
      new Stream(branch(left), this.controller),
      new Stream(branch(right), this.controller),
    ];
    sharesEnding(this, branches);
    return branches;
  }

  /** The items as newline-delimited JSON in UTF-8; cancelling it closes the connection. */
  toReadableStream(): ReadableStream {
    const encoder = new TextEncoder();
    let iterator: AsyncIterator<Item>;
    return new ReadableStream<Uint8Array>({
      start: () => {
        iterator = this[Symbol.asyncIterator]();
      },
      pull: async (sink) => {
        const { value, done } = await iterator.next();
        if (done) sink.close();
        else sink.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
      },
      cancel: async () => {
        await iterator.return?.();
      },
    });
  }
}

/** The items of `read`, for the first iterator that starts; an iteration left early aborts `controller`. */
function once(read: () => AsyncGenerator<unknown>, controller: AbortController): () => AsyncIterator<unknown> {
  let isConsumed = false;
  return async function* () {
    if (isConsumed) throw new OpenAIError(CONSUMED);
    isConsumed = true;
    let isWhole = false;
    try {
      yield* read();
      isWhole = true;
    } catch (error) {
      // The caller knows that it aborted.
      if (isAbort(error) || (controller.signal.aborted && error === controller.signal.reason)) return;
      throw error;
    } finally {
      if (!isWhole) controller.abort();
    }
  };
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The events in the body of `response`; `raw` has their lines without comments and ids. */
export async function* _iterSSEMessages(
  response: Response,
  controller: AbortController,
): AsyncGenerator<ServerSentEvent, void, unknown> {
  for await (const [name, data] of responsePairs(response, controller)) {
    const lines = data.split('\n').map((line) => `data: ${line}`);
    yield { event: name || null, data, raw: name === '' ? lines : [`event: ${name}`, ...lines] };
  }
}
