/** The token of a workload, which stands in for a key. When it is asked for is decided in Rust. */

import { OpenAIError } from '../core/error.js';
import { replacedFetch } from '../internal/foreign-fetch.js';
import { Identity } from '../internal/identity.js';
import type { TransportOptions } from '../internal/transport.js';
import { type Fetch } from '../internal/types.js';
import { type WorkloadIdentity } from './types.js';

/** Where subject tokens are exchanged. */
const TOKEN_EXCHANGE_URL = 'https://auth.openai.com/oauth/token';

/** How long before its end a token is replaced, in seconds; at most half its life, whatever is given. */
const DEFAULT_REFRESH_BUFFER = 1200;

/** What RFC 8693, section 3, calls the types of tokens. */
const TOKEN_TYPES: Record<string, string> = {
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
  id: 'urn:ietf:params:oauth:token-type:id_token',
};

/**
 * The token of a workload that has a subject token. Calls share it: one exchange is made for all that need one, and a
 * token that is soon to end is used while the next is fetched.
 */
export class WorkloadIdentityAuth {
  private readonly tokenExchangeUrl: string = TOKEN_EXCHANGE_URL;
  readonly #config: WorkloadIdentity;
  readonly #fetch: Fetch | undefined;
  #identity: Identity | undefined;

  /**
   * @param fetch - Sends the exchanges in place of the native transport.
   * @throws {OpenAIError} The configuration is wrong; the message says how.
   */
  constructor(config: WorkloadIdentity, fetch?: Fetch) {
    if (fetch !== undefined && typeof fetch !== 'function') {
      throw new OpenAIError(`The \`fetch\` of WorkloadIdentityAuth is a ${typeof fetch}; pass a function or leave it out.`);
    }
    if (typeof config.provider?.getToken !== 'function') {
      throw new OpenAIError('The `workloadIdentity` option has no `provider`; give one such as `gcpIDTokenProvider()`.');
    }
    if (TOKEN_TYPES[config.provider.tokenType] === undefined) {
      const given = String(config.provider.tokenType);
      throw new OpenAIError(`The token type ${given} of \`workloadIdentity.provider\` is not supported; use jwt or id.`);
    }
    this.#config = config;
    this.#fetch = fetch;
  }

  /**
   * A token that has not expired.
   *
   * @throws {OAuthError} The identity was refused.
   * @throws {APIError} The token endpoint was not reached, or failed.
   * @throws {OpenAIError} It answered with something else.
   */
  getToken(): Promise<string> {
    return this.identity().token();
  }

  /** Gives up the token, so that the next request has a new one. */
  invalidateToken(): void {
    this.identity().discard();
  }

  /** @internal */
  identity(transport?: TransportOptions): Identity {
    return (this.#identity ??= this.#made(transport));
  }

  #made(transport: TransportOptions | undefined): Identity {
    const { clientId, identityProviderId, serviceAccountId, provider, refreshBufferSeconds } = this.#config;
    const fields = ['identity_provider_id', identityProviderId, 'service_account_id', serviceAccountId];
    if (clientId !== undefined) fields.push('client_id', clientId);
    return new Identity({
      url: this.tokenExchangeUrl,
      subjectTokenType: TOKEN_TYPES[provider.tokenType] ?? null,
      fields,
      subject: () => provider.getToken(),
      aheadSeconds: Number.isFinite(refreshBufferSeconds) ? Number(refreshBufferSeconds) : DEFAULT_REFRESH_BUFFER,
      transport,
      fetch: () => this.#fetch ?? replacedFetch(),
    });
  }
}
