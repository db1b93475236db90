/** An identity that exchanges what proves it for a token, over the native transport. */

import { APIError, OAuthError, OpenAIError } from '../core/error.js';
import { exception } from './failure.js';
import { forget, newId, theHub, wait } from './hub.js';
import { addon, type Credentials, type Failure, type FailureData } from './native.cjs';
import { DEFAULT_TIMEOUT } from './timeout.js';
import { nativeClient, type TransportOptions } from './transport.js';

/** Who exchanges what, and where. */
export interface Exchanging {
  url: string;
  /** `null` for none. */
  subjectTokenType: string | null;
  /** Names and values by turns. */
  fields: string[];
  /** Gives what is exchanged. */
  subject: () => Promise<string>;
  /** How long before its end a token is replaced. */
  aheadSeconds: number;
  /** How connections are made, where the client says so. */
  transport: TransportOptions | undefined;
}

export class Identity {
  readonly #credentials: Credentials;
  readonly #subject: () => Promise<string>;
  readonly #transport: TransportOptions | undefined;

  constructor({ url, subjectTokenType, fields, subject, aheadSeconds, transport }: Exchanging) {
    this.#transport = transport;
    this.#credentials = new (addon().Credentials)(url, subjectTokenType, fields, true, aheadSeconds, false);
    this.#subject = subject;
  }

  /** The token that there is; one that is soon to end is replaced meanwhile. */
  async token(): Promise<string> {
    const held = this.#credentials.token();
    if (held === null) return this.#exchange();
    // What comes of it is for later calls: one that needs it then says what failed.
    if (held.isDue) void this.#exchange().catch(() => {});
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

  #exchange(): Promise<string> {
    const id = newId();
    const pending = this.#credentials.start(nativeClient(this.#transport), theHub(), id, DEFAULT_TIMEOUT, 0);
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
          reject('head' in outcome ? new OpenAIError('An exchange gave no token.') : failed(outcome));
          return;
        }
        if (!isAsked && pending.needsSubject()) {
          isAsked = true;
          this.#given().then((subject) => pending.subject(subject), giveUp);
        }
        wait(id, settled);
      };
      wait(id, settled);
    });
  }

  async #given(): Promise<string> {
    const subject: unknown = await this.#subject();
    if (typeof subject === 'string') return subject;
    throw new OpenAIError(`The provider of \`workloadIdentity\` gave a ${typeof subject}; let it give a string.`);
  }
}

function failed(failure: Failure): Error {
  const data = JSON.parse(failure.data()) as FailureData;
  if (data.code === 'invalid_response') return new OpenAIError(data.message);
  return exception(failure, (status, body, _text, headers) => {
    if (status === 400 || status === 401 || status === 403) return new OAuthError(status, body, headers);
    const message = `Token exchange failed with status ${status}`;
    return APIError.generate(status, body !== undefined && 'error' in body ? body : undefined, message, headers);
  });
}
