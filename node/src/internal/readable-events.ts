/** Items out of a `ReadableStream` that did not come from the native transport. */

import type { OpenAI } from '../client.js';
import { OpenAIError } from '../core/error.js';
import { eventItem, type EventMode, type Origin } from './event-item.js';
import { reportBroken } from './log.js';
import { addon } from './native.cjs';

/** The items of the server-sent events in the body of `response`. */
export async function* responseEvents(
  response: Response,
  controller: AbortController,
  client: OpenAI | undefined,
  isSynthesized: boolean,
  mode: EventMode,
): AsyncGenerator<unknown> {
  const origin: Origin = { mode, headers: () => response.headers, report: (data) => reportBroken(client, data) };
  for await (const [name, data] of responsePairs(response, controller)) {
    const isNamed = mode !== 'events' && name.startsWith('thread.');
    const value = eventItem(name, data, origin);
    // The item of an event of assistants has its name already.
    yield isSynthesized && !isNamed ? { event: name || null, data: value } : value;
  }
}

/** Name and data of the server-sent events in the body of `response`. */
export async function* responsePairs(
  response: Response,
  controller: AbortController,
): AsyncGenerator<[name: string, data: string]> {
  if (response.body === null) {
    controller.abort();
    throw new OpenAIError('Attempted to iterate over a response with no body');
  }
  const decoder = new (addon().EventDecoder)();
  for await (const chunk of chunks(response.body, controller.signal)) {
    yield* decoder.feed(chunk);
    if (decoder.isDone()) return;
  }
  if (controller.signal.aborted) return;
  yield* decoder.finish();
}

/** The values of newline-delimited JSON; empty lines are skipped. */
export async function* jsonLines(stream: ReadableStream, client: OpenAI | undefined): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks(stream)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield jsonLine(line, client);
  }
  rest += decoder.decode();
  if (rest !== '') yield jsonLine(rest, client);
}

function jsonLine(line: string, client: OpenAI | undefined): unknown {
  try {
    return JSON.parse(line);
  } catch {
    reportBroken(client, line);
    throw new SyntaxError('Error reading response: malformed newline-delimited JSON.');
  }
}

/** The bytes of a stream that may also hold strings; it is cancelled when reading stops early, and ends by `signal`. */
async function* chunks(stream: ReadableStream, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const reader = stream.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  signal?.addEventListener('abort', cancel, { once: true });
  let isWhole = false;
  try {
    for (;;) {
      const { value, done } = (await reader.read()) as { value: unknown; done: boolean };
      if (done) break;
      if (typeof value === 'string') yield encoder.encode(value);
      else if (value instanceof ArrayBuffer) yield new Uint8Array(value);
      else if (value instanceof Uint8Array) yield value;
      else throw new OpenAIError(`A stream gave ${typeof value} where bytes or text are expected.`);
    }
    isWhole = true;
  } finally {
    signal?.removeEventListener('abort', cancel);
    if (!isWhole) cancel();
    reader.releaseLock();
  }
}
