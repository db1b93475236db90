/** Client certificates in place of keys. */

import { certificateCredential } from '../internal/x509.js';
import {
  dispatcherTransport,
  type X509ProxyMode,
  type X509Transport,
  type X509TransportOptions,
} from '../internal/x509-dispatcher.js';
import { type X509Credential } from './types.js';

/** How the proxy before the token service and the API is reached. */
export interface X509CredentialProxyOptions {
  /** With user and password where it wants them; nobody else is told. */
  url: string | URL;
  /** Whether TLS is spoken with it, as its URL says too. It is not shown the certificate of the workload. */
  mode: Exclude<X509ProxyMode, 'direct'>;
  /** PEM: all that is trusted of a proxy with TLS, and of nobody else; default those of the system. */
  ca?: string | string[] | undefined;
}

/** What a credential is made of. */
export interface X509CredentialOptions {
  /** PEM: the certificate of the workload, then those that vouch for it. */
  certificateChain: string;
  /** PEM: the key of that certificate. */
  privateKey: string;
  identityProviderId: string;
  serviceAccountId: string;
  /** PEM: all that is trusted of the token service and the API; default those of the system. */
  ca?: string | string[] | undefined;
  /** Decrypts the key. */
  passphrase?: string | undefined;
  /** Default none, whatever the environment says. */
  proxy?: X509CredentialProxyOptions | undefined;
  /** How long before its end a token is replaced; default 1200, at most half its life. */
  refreshBufferSeconds?: number | undefined;
}

/**
 * A transport for the `x509Transport` option of a client, whose `workloadIdentity` has the type `x509`: an `Agent` or `ProxyAgent`
 * of undici that shows the certificate. Requests go over it by the `fetch` of the package undici where that is installed.
 *
 * @throws {OpenAIError} An option is missing or wrong; no value is shown.
 */
export function createX509Transport(options: X509TransportOptions): X509Transport {
  return dispatcherTransport(options);
}

/**
 * A credential for the `credential` option of a client: connections show the certificate, to the token service and to the API.
 *
 * @throws {OpenAIError} An option is missing or wrong, or the key is not that of the certificate; no value is shown.
 */
export function fromX509(options: X509CredentialOptions): X509Credential {
  return certificateCredential(options);
}

/** Makes credentials. */
export const workloadIdentity: Readonly<{ fromX509: typeof fromX509 }> = Object.freeze({ fromX509 });

export type { X509ProxyMode, X509Transport, X509TransportOptions } from '../internal/x509-dispatcher.js';
