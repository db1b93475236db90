/** A `Stream` over the events of a native reply. */

import type { OpenAI } from '../client.js';
import { Stream } from '../core/streaming.js';
import { endedCleanly, tellsEnding } from './ending.js';
import type { EventMode } from './event-item.js';
import { EventIterator, type Source } from './event-iterator.js';
import { reportBroken } from './log.js';
import type { EventStream } from './native.cjs';
import type { WireReply } from './wire-reply.js';

/** What iterates over a stream with something done to each item, by the stream. */
const iterators = new WeakMap<object, Iterate>();

type Iterate = (adjust: (item: unknown) => void) => AsyncIterator<unknown>;

/**
 * The stream of a reply.
 *
 * @param id - What the reply's call announced itself as.
 * @param signal - The caller's; it aborts the stream for as long as it is read.
 * @param isStrict - Whether an unclean end throws.
 * @param mode - What becomes of errors among the events.
 */
export function nativeStream<Item>(
  client: OpenAI,
  reply: WireReply,
  events: EventStream,
  id: number,
  controller: AbortController,
  signal: AbortSignal | undefined | null,
  isStrict: boolean,
  mode: EventMode,
): Stream<Item> {
  const source: Source = {
    events,
    id,
    controller,
    origin: {
      mode,
      headers: () => reply.headers,
      report: (data) => reportBroken(client, data),
    },
    isStrict,
    released: () => {},
    reader: undefined,
  };
  source.released = closeOnAbort(events, controller, signal, () => source.reader?.aborted());
  const stream = new Stream<Item>(() => new EventIterator<Item>(source), controller, client);
  iteratesBy(stream, (adjust) => new EventIterator(source, adjust));
  tellsEnding(stream, () => endedCleanly(events));
  return stream;
}

/** Completes each item that `for await` gives, if `value` is a native stream. */
export function adjustItems(value: unknown, adjust: (item: unknown) => void): void {
  const iterate = value instanceof Stream ? iterators.get(value) : undefined;
  if (iterate === undefined) return;
  (value as Stream<unknown>)[Symbol.asyncIterator] = () => iterate(adjust);
}

/** Says how {@link adjustItems} gets an iterator over `stream`. */
export function iteratesBy(stream: object, iterate: Iterate): void {
  iterators.set(stream, iterate);
}

/**
 * Closes the connection when `controller` or the caller's `signal` is aborted.
 *
 * @param aborted - Told after that.
 * @returns Lets go of `signal`.
 */
export function closeOnAbort(
  events: EventStream,
  controller: AbortController,
  signal: AbortSignal | undefined | null,
  aborted: () => void = () => {},
): () => void {
  const unlink = link(signal, controller);
  const close = () => {
    events.close();
    unlink();
    aborted();
  };
  if (controller.signal.aborted) close();
  else controller.signal.addEventListener('abort', close, { once: true });
  return unlink;
}

/** Lets go of the signal when nobody has the controller any more, and with it the stream. */
const forgotten = new FinalizationRegistry<() => void>((unlink) => unlink());

/** Aborts `controller` with `signal`. A signal often outlives many streams, so it does not keep the controller. */
export function link(signal: AbortSignal | undefined | null, controller: AbortController): () => void {
  if (!signal) return () => {};
  const weak = new WeakRef(controller);
  const abort = () => weak.deref()?.abort(signal.reason);
  const unlink = () => signal.removeEventListener('abort', abort);
  if (signal.aborted) {
    abort();
    return unlink;
  }
  signal.addEventListener('abort', abort, { once: true });
  forgotten.register(controller, unlink);
  return unlink;
}
