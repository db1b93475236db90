/** One call over the native transport. */

import { APIConnectionError, APIUserAbortError, asError } from '../core/error.js';
import type { Transmission } from './body.js';
import { exception, type StatusError } from './failure.js';
import { forget, newId, theHub, wait } from './hub.js';
import { BUFFERED, EVENTS, type Pending, type Signer } from './native.cjs';
import type { Relay } from './relay.js';
import type { Retrying } from './retry-policy.js';
import { eachLimit, longest, type Timeout } from './timeout.js';
import { nativeClient, type TransportOptions } from './transport.js';
import { WireReply } from './wire-reply.js';

/** What a caller gives before an attempt. */
export interface Renewal {
  /** Names and values by turns. */
  headers: (string | null)[];
  signer?: Signer | undefined;
}

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
  transmission: Transmission;
  /** In milliseconds, for each attempt. */
  timeout: number | Timeout;
  /** In milliseconds, for the whole call. */
  deadline: number | null;
  maxRetries: number;
  /** What becomes of the body: one of the modes of the native client. */
  mode: number;
  signal: AbortSignal | undefined | null;
  /** Whether redirects are followed. */
  isFollowing: boolean;
  /** Gives the headers that change before each attempt after the first. */
  renew: ((isRefused: boolean) => Promise<Renewal>) | undefined;
  /** Signs each attempt, until a renewal gives another. */
  signer: Signer | undefined;
  /** Whether it also does when the server has refused them with 401, once. */
  replaces: boolean;
  /** How connections are made, where the client says so. */
  transport: TransportOptions | null | undefined;
  /** The caller's part in retries. */
  retrying?: Retrying | undefined;
  /** Makes the error of an answer with a status of 400 or more. */
  statusError: StatusError;
  /** Sends each attempt in place of the native transport. */
  relay: Relay | undefined;
}

/** An accepted answer. */
export interface Answer {
  reply: WireReply;
  /** What the call, and now its stream, announces itself as. */
  id: number;
  /** What sent its request, if it was not the native transport. */
  relay: Relay | undefined;
}

/**
 * Sends a request, with retries.
 *
 * @throws {APIError} The server refused, no answer arrived, or the caller aborted.
 */
export async function send(outgoing: Outgoing): Promise<Answer> {
  const { signal } = outgoing;
  const { sources } = outgoing.transmission;
  try {
    if (signal != null && typeof signal.addEventListener !== 'function') {
      const cause = new TypeError(
        `The \`signal\` option is a ${typeof signal}; pass the signal of an AbortController.`,
      );
      throw new APIConnectionError({ cause });
    }
    if (signal?.aborted) throw userAbort(signal);
    return await settle(outgoing);
  } finally {
    for (const source of sources) source.stop();
  }
}

function settle(outgoing: Outgoing): Promise<Answer> {
  const { signal, renew, relay, retrying } = outgoing;
  const { sources } = outgoing.transmission;
  const id = newId();
  if (relay !== undefined) {
    relay.isOpen = outgoing.mode !== BUFFERED;
    relay.isAhead = outgoing.mode === EVENTS;
    relay.keeps = !relay.isOpen;
  }
  const pending = start(outgoing, id);
  for (const source of sources) source.start();
  return new Promise((resolve, reject) => {
    const abort = () => {
      forget(id);
      relay?.stop(signal?.reason);
      pending.cancel();
      reject(userAbort(signal));
    };
    const giveUp = (error: unknown) => {
      signal?.removeEventListener('abort', abort);
      forget(id);
      pending.cancel();
      reject(error as Error);
    };
    signal?.addEventListener('abort', abort, { once: true });
    const settled = () => {
      const outcome = pending.take();
      if (outcome === null) {
        // A number that is used again may wake the wrong one; the right one is woken later. Before anything of the caller's
        // runs, which may abort.
        wait(id, settled);
        relay?.answer(pending);
        if (renew !== undefined && pending.needsHeaders()) {
          renew(pending.isRefused()).then(({ headers, signer }) => pending.renew(headers, signer), giveUp);
        }
        const proposal = retrying === undefined ? null : pending.proposal();
        if (proposal !== null) retrying?.decide(proposal).then((delay) => pending.decide(delay), giveUp);
        return;
      }
      signal?.removeEventListener('abort', abort);
      const unreadable = sources.find(({ error }) => error !== undefined);
      if ('head' in outcome) resolve({ reply: new WireReply(outcome, relay?.kept), id, relay });
      else if (unreadable !== undefined) reject(new APIConnectionError({ cause: asError(unreadable.error) }));
      else {
        const error = exception(outcome, outgoing.statusError);
        reject(relay?.explain(error) ?? error);
      }
    };
    wait(id, settled);
    relay?.begin(pending);
  });
}

function start(outgoing: Outgoing, id: number): Pending {
  return nativeClient(outgoing.transport).request(
    theHub(),
    id,
    outgoing.method,
    outgoing.baseURL,
    outgoing.path,
    outgoing.query,
    outgoing.headers,
    outgoing.transmission.body,
    longest(outgoing.timeout),
    outgoing.maxRetries,
    outgoing.mode,
    outgoing.renew !== undefined,
    outgoing.isFollowing,
    eachLimit(outgoing.timeout),
    outgoing.deadline,
    outgoing.replaces,
    outgoing.retrying?.rules ?? null,
    outgoing.signer,
    outgoing.relay !== undefined,
  );
}

function userAbort(signal: AbortSignal | undefined | null): APIUserAbortError {
  const error = new APIUserAbortError();
  if (signal?.reason instanceof Error) {
    Object.defineProperty(error, 'cause', { value: signal.reason, configurable: true, writable: true });
  }
  return error;
}
