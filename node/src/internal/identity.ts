/** An identity that exchanges what proves it for a token, over the native transport or a `fetch` of the caller's. */

import { APIError, OAuthError, OpenAIError } from '../core/error.js';
import { exception } from './failure.js';
import { forget, newId, theHub, wait } from './hub.js';
import { addon, type Credentials, type Failure, type FailureData } from './native.cjs';
import { over } from './relay.js';
import { DEFAULT_TIMEOUT } from './timeout.js';
import { nativeClient, type TransportOptions } from './transport.js';
import type { Fetch } from './types.js';

/** Who exchanges what, and where. */
export interface Exchanging {
  url: string;
  /** `null` for none. */
  subjectTokenType: string | null;
  /** Names and values by turns. */
  fields: string[];
  /** Gives what is exchanged; `undefined` where the connection proves who asks. */
  subject: (() => Promise<string>) | undefined;
  /** How long before its end a token is replaced. */
  aheadSeconds: number;
  /** How connections are made, where the client says so. */
  transport: TransportOptions | undefined;
  /** What sends instead of the native transport; asked before each exchange. */
  fetch?: () => Fetch | undefined;
}

export class Identity {
  readonly #credentials: Credentials;
  readonly #subject: (() => Promise<string>) | undefined;
  readonly #transport: TransportOptions | undefined;
  readonly #fetch: (() => Fetch | undefined) | undefined;

  constructor({ url, subjectTokenType, fields, subject, aheadSeconds, transport, fetch }: Exchanging) {
    this.#transport = transport;
    this.#fetch = fetch;
    const isAsking = subject !== undefined;
    this.#credentials = new (addon().Credentials)(url, subjectTokenType, fields, isAsking, aheadSeconds, !isAsking);
    this.#subject = subject;
  }

  /** The token that there is; one that is soon to end is replaced meanwhile. An exchange is repeated `retries` times. */
  async token(retries = 0): Promise<string> {
    const held = this.#credentials.token();
    if (held === null) return this.#exchange(retries);
    // What comes of it is for later calls: one that needs it then says what failed.
    if (held.isDue) void this.#exchange(retries).catch(() => {});
    return held.token;
  }

  /** Gives up a token that was refused, unless another one has come since. */
  refuse(token: string): void {
    this.#credentials.refuse(token);
  }

  /** Gives up whatever token there is. */
  discard(): void {
    this.#credentials.discard();
  }

  #exchange(retries: number): Promise<string> {
    const id = newId();
    const fetch = this.#fetch?.();
    const relay = fetch && over(fetch);
    const client = nativeClient(this.#transport);
    const pending = this.#credentials.start(client, theHub(), id, DEFAULT_TIMEOUT, retries, relay !== undefined);
    return new Promise((resolve, reject) => {
      const giveUp = (error: unknown) => {
        forget(id);
        pending.cancel();
        reject(error as Error);
      };
      let isAsked = false;
      const settled = () => {
        const token = pending.token();
        if (token !== null) {
          resolve(token);
          return;
        }
        const outcome = pending.take();
        if (outcome !== null) {
          const error = 'head' in outcome ? new OpenAIError('An exchange gave no token.') : this.#failed(outcome);
          reject(relay?.explain(error) ?? error);
          return;
        }
        wait(id, settled);
        relay?.answer(pending);
        if (!isAsked && pending.needsSubject()) {
          isAsked = true;
          this.#given().then((subject) => pending.subject(subject), giveUp);
        }
      };
      wait(id, settled);
    });
  }

  /** What an issuer of certificates writes beside the code may quote what was shown to it. */
  #failed(failure: Failure): Error {
    if (this.#subject !== undefined) return failed(failure, (body) => body);
    const error = failed(failure, codeOnly);
    return error instanceof APIError ? error : new APIError(200, undefined, error.message, new Headers());
  }

  async #given(): Promise<string> {
    const subject: unknown = await this.#subject?.();
    if (typeof subject === 'string') return subject;
    throw new OpenAIError(`The provider of \`workloadIdentity\` gave a ${typeof subject}; let it give a string.`);
  }
}

/** The codes of RFC 6749, section 5.2, and RFC 8693, section 2.2.2. */
const CODES = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'invalid_target',
  'unauthorized_client',
  'unsupported_grant_type',
]);

function codeOnly(body: object | undefined): object | undefined {
  const { error } = (body ?? {}) as { error?: unknown };
  return typeof error === 'string' && CODES.has(error) ? { error } : undefined;
}

function failed(failure: Failure, shown: (body: object | undefined) => object | undefined): Error {
  const data = JSON.parse(failure.data()) as FailureData;
  if (data.code === 'invalid_response') return new OpenAIError(data.message);
  return exception(failure, (status, whole, _text, headers) => {
    const body = shown(whole);
    if (status === 400 || status === 401 || status === 403) return new OAuthError(status, body, headers);
    const message = `Token exchange failed with status ${status}`;
    return APIError.generate(status, body !== undefined && 'error' in body ? body : undefined, message, headers);
  });
}
