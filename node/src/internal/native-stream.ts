/** A `Stream` over the events of a native reply. */

import type { OpenAI } from '../client.js';
import { Stream } from '../core/streaming.js';
import { EventIterator, type Source } from './event-iterator.js';
import { exception } from './failure.js';
import { wait } from './hub.js';
import { loggerOf } from './log.js';
import { ENDED, FAILED, NAMED, type EventStream } from './native.cjs';
import type { WireReply } from './wire-reply.js';

/**
 * The stream of a reply.
 *
 * @param id - What the reply's call announced itself as.
 * @param signal - The caller's; it aborts the stream for as long as it is read.
 */
export function nativeStream<Item>(
  client: OpenAI,
  reply: WireReply,
  events: EventStream,
  id: number,
  controller: AbortController,
  signal: AbortSignal | undefined | null,
): Stream<Item> {
  const unlink = link(signal, controller);
  const source: Source = {
    events,
    id,
    controller,
    origin: {
      headers: () => reply.headers,
      report: (data) => loggerOf(client).error('Could not parse message into JSON:', data),
    },
    released: unlink,
    reader: undefined,
  };
  controller.signal.addEventListener('abort', () => {
    events.close();
    unlink();
    source.reader?.aborted();
  });
  return new Stream<Item>(() => new EventIterator<Item>(source), controller, client);
}

/** Aborts `controller` with `signal`. A signal often outlives many streams, so it does not keep the controller. */
function link(signal: AbortSignal | undefined | null, controller: AbortController): () => void {
  if (!signal) return () => {};
  const weak = new WeakRef(controller);
  const abort = () => weak.deref()?.abort();
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}

/** The events of a native reply as a body again, for a `Response` that nobody may ever read. */
export function eventBody(
  events: EventStream,
  id: number,
  controller: AbortController,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  const ready = () => new Promise<void>((resolve) => wait(id, resolve));
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull: async (sink) => {
        for (;;) {
          const pulled = events.pull();
          if (typeof pulled === 'string') {
            const datas = pulled.slice(1, -1).split('\r,').slice(1);
            sink.enqueue(encoder.encode(datas.map((data) => eventText('', data)).join('')));
            return;
          }
          if (pulled === NAMED) {
            const named = events.named();
            if (named === null) continue;
            sink.enqueue(encoder.encode(eventText(named[0], named[1])));
            return;
          }
          if (pulled === null) {
            await ready();
            continue;
          }
          const failure = pulled === FAILED ? events.failure() : null;
          if (failure !== null) throw exception(failure);
          if (pulled === ENDED) {
            sink.enqueue(encoder.encode('data: [DONE]\n\n'));
            sink.close();
            return;
          }
        }
      },
      cancel: () => {
        controller.abort();
        events.close();
      },
    },
    { highWaterMark: 0 },
  );
}

function eventText(name: string, data: string): string {
  const lines = data.split('\n').map((line) => `data: ${line}\n`);
  return `${name === '' ? '' : `event: ${name}\n`}${lines.join('')}\n`;
}
