/** The body of a `Response` over a native stream. */

import { exception } from './failure.js';
import { forget, wait } from './hub.js';
import { closeOnAbort } from './native-stream.js';
import { FAILED, NAMED, type EventStream, type FailureData } from './native.cjs';

/** Bytes, `null` to wait, or one of the numbers of {@link EventStream.pull}. */
type Take = () => Uint8Array | number | null;

/**
 * A body that came as it is: the bytes of the server.
 *
 * @param signal - The caller's; it aborts the body for as long as it is read. Like that of the official package, the body of
 *   a call then has a plain `AbortError`, whatever the reason of the signal is.
 * @param failed - Makes the error of a body that broke off, for one that is no call's; it has the signal's reason.
 */
export function rawBody(
  events: EventStream,
  id: number,
  controller: AbortController,
  signal: AbortSignal | undefined | null,
  failed?: (data: FailureData) => Error,
): ReadableStream<Uint8Array> {
  let stop = () => {};
  const released = closeOnAbort(events, controller, signal, () => stop());
  const start = (sink: ReadableStreamDefaultController<Uint8Array>) => {
    stop = () => {
      forget(id);
      if (signal?.aborted) sink.error((failed === undefined ? controller.signal : signal).reason);
    };
  };
  return body(() => events.bytes(), events, id, controller, released, failed, start);
}

/**
 * A body that came as events, written again. It has the same events, but no comments and ids.
 *
 * It is there for a `Response` that was asked for when the events were already being decoded.
 */
export function eventBody(events: EventStream, id: number, controller: AbortController): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let isOver = false;
  const take: Take = () => {
    const pulled = events.pull(true);
    if (typeof pulled === 'string') {
      // The last element says what the others are, and they are all data.
      const datas = pulled.slice(1, -1).split('\r,').slice(0, -1);
      return encoder.encode(datas.map((data) => eventText('', data)).join(''));
    }
    const named = pulled === NAMED ? events.named() : null;
    if (named !== null) return encoder.encode(eventText(...named));
    if (pulled === null || pulled === FAILED || isOver) return pulled;
    isOver = true;
    return encoder.encode('data: [DONE]\n\n');
  };
  return body(take, events, id, controller, () => {});
}

function body(
  take: Take,
  events: EventStream,
  id: number,
  controller: AbortController,
  released: () => void,
  failed?: (data: FailureData) => Error,
  start?: (sink: ReadableStreamDefaultController<Uint8Array>) => void,
): ReadableStream<Uint8Array> {
  const read = async (sink: ReadableStreamDefaultController<Uint8Array>) => {
    for (;;) {
      const taken = take();
      if (taken instanceof Uint8Array) {
        sink.enqueue(taken);
        return;
      }
      if (taken === null) {
        await new Promise<void>((resolve) => wait(id, () => resolve()));
        continue;
      }
      released();
      const failure = taken === FAILED ? events.failure() : null;
      if (failure !== null) throw failed?.(JSON.parse(failure.data()) as FailureData) ?? exception(failure);
      sink.close();
      return;
    }
  };
  const cancel = () => {
    controller.abort();
    forget(id);
    events.close();
  };
  // Nothing is read ahead, so that a body that nobody reads costs nothing.
  return new ReadableStream({ ...(start && { start }), pull: read, cancel }, { highWaterMark: 0 });
}

function eventText(name: string, data: string): string {
  const lines = data.split('\n').map((line) => `data: ${line}\n`);
  return `${name === '' ? '' : `event: ${name}\n`}${lines.join('')}\n`;
}
