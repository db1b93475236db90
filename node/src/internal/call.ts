/** One call over the native transport. */

import { APIUserAbortError } from '../core/error.js';
import { readEnv } from './env.js';
import { exception } from './failure.js';
import { forget, newId, theHub, wait } from './hub.js';
import { addon, type Client } from './native.cjs';
import { WireReply } from './wire-reply.js';

/** A request with all options decided. */
export interface Outgoing {
  /** In upper case. */
  method: string;
  baseURL: string;
  path: string;
  /** JSON text of an object. */
  query: string | null;
  /** Names and values by turns, in rising precedence; `null` removes. */
  headers: (string | null)[];
  body: string | Uint8Array | null;
  /** In milliseconds, for each attempt. */
  timeout: number;
  maxRetries: number;
  /** What becomes of the body: `BUFFERED`, `EVENTS` or `CHUNKS`. */
  mode: number;
  signal: AbortSignal | undefined | null;
}

/** An accepted answer. */
export interface Answer {
  reply: WireReply;
  /** What the call, and now its stream, announces itself as. */
  id: number;
}

let shared: Client | undefined;

/** All clients of an environment share one native client, and with it the connections. */
function nativeClient(): Client {
  // Node's own `fetch` looks at the proxy variables only when it is told to.
  return (shared ??= new (addon().Client)(readEnv('NODE_USE_ENV_PROXY') === '1'));
}

/**
 * Sends a request, with retries.
 *
 * @throws {APIError} The server refused, no answer arrived, or the caller aborted.
 */
export function send(outgoing: Outgoing): Promise<Answer> {
  const { signal } = outgoing;
  if (signal?.aborted) return Promise.reject(userAbort(signal));
  const id = newId();
  const pending = nativeClient().request(
    theHub(),
    id,
    outgoing.method,
    outgoing.baseURL,
    outgoing.path,
    outgoing.query,
    outgoing.headers,
    outgoing.body,
    outgoing.timeout,
    outgoing.maxRetries,
    outgoing.mode,
  );
  return new Promise((resolve, reject) => {
    const abort = () => {
      forget(id);
      pending.cancel();
      reject(userAbort(signal));
    };
    signal?.addEventListener('abort', abort, { once: true });
    const settled = () => {
      const outcome = pending.take();
      if (outcome === null) {
        // A number that is used again may wake the wrong one; the right one is woken later.
        wait(id, settled);
        return;
      }
      signal?.removeEventListener('abort', abort);
      if ('head' in outcome) resolve({ reply: new WireReply(outcome), id });
      else reject(exception(outcome));
    };
    wait(id, settled);
  });
}

function userAbort(signal: AbortSignal | undefined | null): APIUserAbortError {
  const error = new APIUserAbortError();
  if (signal?.reason instanceof Error) {
    Object.defineProperty(error, 'cause', { value: signal.reason, configurable: true, writable: true });
  }
  return error;
}
