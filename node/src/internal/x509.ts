/** Client certificates as credentials: what they are made of, and what goes out with their tokens. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { types } from 'node:util';
import type { X509Credential, X509WorkloadIdentity } from '../auth/types.js';
import type { X509CredentialOptions, X509CredentialProxyOptions } from '../auth/x509-transport.js';
import { APIConnectionError, OpenAIError } from '../core/error.js';
import { layered, type HeadersLike } from './headers.js';
import { Identity } from './identity.js';
import { withoutEnvironment, type TransportOptions } from './transport.js';
import type { Fetch } from './types.js';
import { fetchOver, type X509Transport } from './x509-dispatcher.js';

/** Where the API takes certificates; the tokens go nowhere else. */
export const X509_BASE_URL = 'https://mtls.api.openai.com/v1';

const ORIGIN = new URL(X509_BASE_URL).origin;

/** Where certificates are exchanged. */
const X509_TOKEN_EXCHANGE_URL = 'https://mtls.auth.openai.com/oauth/token';

const X509_TOKEN_TYPE = 'urn:openai:params:oauth:token-type:x509';

/** How long before its end a token is replaced, in seconds; at most half its life, whatever is given. */
const DEFAULT_REFRESH_BUFFER = 1200;

const TEXTS = ['certificateChain', 'privateKey', 'identityProviderId', 'serviceAccountId'] as const;
const OPTIONS = new Set<string>([...TEXTS, 'ca', 'passphrase', 'proxy', 'refreshBufferSeconds']);

/** Headers and parameters of a query that are credentials, in lower case and with hyphens. */
const CREDENTIAL_HEADER = /^(x-)?api-key$|^(cookie|host|proxy-authorization)$|(^|-)token$/;
const CREDENTIAL_PARAMETER =
  /^(x-)?api-?key$|^(authorization|client-secret|password|sig|signature)$|(^|(access|auth|id|refresh|security|session)-)token$/;
const TENANT_HEADER = /^openai-(organization|project)$/;

/** What a credential holds; nobody else does. */
const held = new WeakMap<object, X509Auth>();

/** A credential made of a certificate: it shows what it is, and nothing of what it holds. */
class CertificateCredential implements X509Credential {
  /** Ends the credential: later calls with it fail. Those that are under way go on. */
  close(): Promise<void> {
    held.get(this)?.close();
    return Promise.resolve();
  }
}

/**
 * Makes a credential.
 *
 * @throws {OpenAIError} An option is missing or wrong, or the key is not that of the certificate; no value is shown.
 */
export function certificateCredential(given: X509CredentialOptions): X509Credential {
  const options = checked(given);
  const key = privateKey(options);
  const chain = options.certificateChain;
  if (!leaf(chain).checkPrivateKey(key)) {
    throw new OpenAIError('X.509 credential private key must match its leaf client certificate.');
  }
  const transport: TransportOptions = { cert: chain, key: key.export({ type: 'pkcs8', format: 'pem' }) as string };
  if (options.ca !== undefined) transport.ca = options.ca;
  if (options.proxy !== undefined) transport.proxy = proxyURL(options.proxy);
  const credential = Object.freeze(new CertificateCredential());
  const proxyCA = options.proxy?.mode === 'https-connect' ? (options.proxy.ca ?? null) : undefined;
  const made = withoutEnvironment(transport, 'The X.509 credential', proxyCA);
  held.set(credential, new X509Auth(options, made));
  return credential;
}

/** @throws {OpenAIError} It was not made by {@link certificateCredential}. */
export function authOf(credential: X509Credential | null): X509Auth {
  const auth = credential === null ? undefined : held.get(credential);
  if (auth !== undefined) return auth;
  throw new OpenAIError('An X.509 credential must be created by the SDK authentication helper.');
}

/**
 * The tokens of the certificate that a caller's own transport shows.
 *
 * @throws {OpenAIError} The transport is none, or a number is wrong.
 */
export function transportAuth(identity: X509WorkloadIdentity, transport: X509Transport | null | undefined): X509Auth {
  const fetch = fetchOver(transport);
  const { refreshBufferSeconds: seconds, refreshBufferMs: milliseconds } = identity;
  if (seconds !== undefined && milliseconds !== undefined) {
    throw new OpenAIError('X.509 workload identity cannot combine refreshBufferSeconds and refreshBufferMs.');
  }
  for (const name of ['refreshBufferSeconds', 'refreshBufferMs'] as const) {
    const value = identity[name];
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) continue;
    throw new OpenAIError(`X.509 workload identity requires a nonnegative integer ${name}.`);
  }
  const ahead = seconds ?? (milliseconds === undefined ? undefined : milliseconds / 1000);
  return new X509Auth({ ...identity, refreshBufferSeconds: ahead }, undefined, fetch);
}

/** The tokens of a certificate. Calls share them: one exchange is made for all clients that need one. */
export class X509Auth {
  readonly #transport: TransportOptions | undefined;
  readonly #fetch: Fetch | undefined;
  readonly #identity: Identity;
  #isClosed = false;

  /** @param fetch - Sends everything, over a transport of the caller's. */
  constructor(
    options: Pick<X509CredentialOptions, 'identityProviderId' | 'serviceAccountId' | 'refreshBufferSeconds'>,
    transport: TransportOptions | undefined,
    fetch?: Fetch,
  ) {
    this.#transport = transport;
    this.#fetch = fetch;
    const { identityProviderId, serviceAccountId, refreshBufferSeconds } = options;
    this.#identity = new Identity({
      url: X509_TOKEN_EXCHANGE_URL,
      subjectTokenType: X509_TOKEN_TYPE,
      fields: ['identity_provider_id', identityProviderId, 'service_account_id', serviceAccountId],
      subject: undefined,
      aheadSeconds: refreshBufferSeconds ?? DEFAULT_REFRESH_BUFFER,
      transport,
      fetch: () => fetch,
    });
  }

  /** How connections are made for the tokens and for the API. */
  get transport(): TransportOptions | undefined {
    return this.#transport;
  }

  /** What sends all requests, if it is not the native transport. */
  get fetch(): Fetch | undefined {
    return this.#fetch;
  }

  /**
   * A token that has not expired.
   *
   * @param retries - Of an exchange that it needs.
   * @throws {APIError} The exchange failed; {@link OAuthError} when it was refused.
   */
  getToken(retries = 0): Promise<string> {
    return this.#identity.token(retries);
  }

  /** Gives up the token, so that the next request has a new one. */
  invalidateToken(): void {
    this.#identity.discard();
  }

  identity(): Identity {
    return this.#identity;
  }

  close(): void {
    this.#isClosed = true;
  }

  /**
   * Refuses a request that must not go out with a token of this certificate.
   *
   * @param path - The path of the request as it was given.
   * @param url - Where it goes.
   * @param headers - What the caller gave, in rising precedence.
   * @throws {OpenAIError} It goes elsewhere, or has other credentials; no value is shown.
   * @throws {APIConnectionError} The credential is closed.
   */
  check(path: string, url: string, headers: HeadersLike[], fetchOptions: object): void {
    if (this.#isClosed) throw new APIConnectionError({ message: 'The X.509 credential of this client is closed.' });
    if (path.includes('\\')) throw new OpenAIError('The path of an X.509 request must not have a backslash.');
    checkX509Origin(url);
    for (const [given, value] of layered(headers)) {
      const name = given.replaceAll('_', '-');
      if (value === null) continue;
      if (TENANT_HEADER.test(name)) {
        throw new OpenAIError('X.509 workload identity cannot override its enrolled organization or project.');
      }
      if (name === 'authorization' || CREDENTIAL_HEADER.test(name)) {
        const kind = name === 'authorization' ? 'authorization' : 'authentication';
        throw new OpenAIError(`X.509 workload identity cannot use caller-supplied ${kind} credentials.`);
      }
    }
    for (const name of new URL(url).searchParams.keys()) {
      if (!CREDENTIAL_PARAMETER.test(name.toLowerCase().replaceAll('_', '-'))) continue;
      throw new OpenAIError('X.509 workload identity cannot send conflicting query authentication credentials.');
    }
    checkX509FetchOptions(fetchOptions);
  }
}

/** @throws {OpenAIError} A URL is not where the API takes certificates. */
export function checkX509Origin(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.origin === ORIGIN && url.username === '' && url.password === '') return;
  throw new OpenAIError('X.509 workload identity requires the approved global mTLS API origin.');
}

/** @throws {OpenAIError} They would change the request or its way. */
export function checkX509FetchOptions(options: object): void {
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (value === undefined) continue;
    if (name === 'redirect') {
      if (value === 'manual') continue;
      throw new OpenAIError('X.509 workload identity requests require manual redirects.');
    }
    if (['body', 'headers', 'method', 'signal'].includes(name)) {
      throw new OpenAIError(
        'X.509 workload identity cannot override its request body, headers, method, or signal through fetch options.',
      );
    }
    throw new OpenAIError('X.509 workload identity cannot override its approved transport capability.');
  }
}

function checked(options: X509CredentialOptions): X509CredentialOptions {
  if (typeof options !== 'object' || options === null || types.isProxy(options)) {
    throw new OpenAIError('X.509 credential options must be a non-proxy object.');
  }
  for (const name of Object.keys(options)) {
    if (!OPTIONS.has(name)) throw new OpenAIError(`Unsupported X.509 credential option: \`${name}\`.`);
  }
  // What the caller changes later does not count.
  const own = { ...options };
  for (const name of TEXTS) {
    if (typeof own[name] === 'string' && own[name] !== '') continue;
    throw new OpenAIError(`X.509 credential requires a nonempty own \`${name}\` value.`);
  }
  const { ca, refreshBufferSeconds: ahead } = own;
  checkAuthorities(ca);
  if (ahead !== undefined && !(Number.isSafeInteger(ahead) && ahead >= 0)) {
    throw new OpenAIError('X.509 credential requires a nonnegative integer refreshBufferSeconds.');
  }
  return own;
}

function checkAuthorities(ca: unknown): void {
  if (ca === undefined) return;
  const texts: unknown[] = [ca].flat();
  if (texts.length > 0 && texts.every((text) => typeof text === 'string' && text !== '')) return;
  throw new OpenAIError('X.509 certificate authorities must be a PEM string or plain PEM string array.');
}

function privateKey({ privateKey: key, passphrase }: X509CredentialOptions) {
  try {
    return createPrivateKey(passphrase === undefined ? key : { key, passphrase });
  } catch {
    throw new OpenAIError('The `privateKey` of an X.509 credential cannot be read; give PEM, and its `passphrase` if it has one.');
  }
}

function leaf(chain: string): X509Certificate {
  try {
    return new X509Certificate(chain);
  } catch {
    throw new OpenAIError('The `certificateChain` of an X.509 credential cannot be read; give PEM, its own certificate first.');
  }
}

function proxyURL({ url: given, mode, ca }: X509CredentialProxyOptions): string {
  if (!URL.canParse(String(given))) throw new OpenAIError('X.509 CONNECT proxy requires a valid proxy URL.');
  const url = new URL(String(given));
  const protocol = { 'http-connect': 'http:', 'https-connect': 'https:' }[mode] as string | undefined;
  if (url.protocol !== protocol || url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new OpenAIError('X.509 CONNECT proxy URL protocol must match its selected secure proxy mode.');
  }
  if (protocol === 'https:') checkAuthorities(ca);
  else if (ca !== undefined) throw new OpenAIError('A plaintext X.509 CONNECT proxy cannot configure proxy TLS authorities.');
  return url.href;
}
