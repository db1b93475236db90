/** Part of credentials other than keys: by name and type only. */

import { type X509ProxyMode, type X509Transport, type X509TransportOptions } from '../internal/x509.js';
import { type X509Credential } from './types.js';
import { later } from '../internal/later.js';

export interface X509CredentialProxyOptions {
  url: string | URL;
  mode: Exclude<X509ProxyMode, 'direct'>;
  ca?: string | string[] | undefined;
}

export interface X509CredentialOptions {
  certificateChain: string;
  privateKey: string;
  identityProviderId: string;
  serviceAccountId: string;
  ca?: string | string[] | undefined;
  passphrase?: string | undefined;
  proxy?: X509CredentialProxyOptions | undefined;
  refreshBufferSeconds?: number | undefined;
}

export function createX509Transport(options: X509TransportOptions): X509Transport;
export function createX509Transport(): never {
  throw later('createX509Transport', 'credentials other than keys');
}

export function fromX509(options: X509CredentialOptions): X509Credential;
export function fromX509(): never {
  throw later('fromX509', 'credentials other than keys');
}

/** Makes credentials; refused in this release. */
export const workloadIdentity: Readonly<{ fromX509: typeof fromX509 }> = Object.freeze({ fromX509 });

export type { X509ProxyMode, X509Transport, X509TransportOptions } from '../internal/x509.js';
