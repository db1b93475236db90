/** Identities of workloads in place of API keys: types. */

/** What proves who a workload is. */
export interface SubjectTokenProvider {
  tokenType: 'jwt' | 'id';
  /** Asked at each exchange. */
  getToken: () => Promise<string>;
}

/** A workload that has a token of somebody else's: of its cluster or its cloud. */
export interface WorkloadIdentity {
  clientId?: string;
  identityProviderId: string;
  serviceAccountId: string;
  provider: SubjectTokenProvider;
  /** How long before its end a token is replaced; default 1200, at most half its life. */
  refreshBufferSeconds?: number;
}

export interface X509WorkloadIdentity {
  type: 'x509';
  identityProviderId: string;
  serviceAccountId: string;
  refreshBufferSeconds?: number;
  refreshBufferMs?: number;
  provider?: never;
  clientId?: never;
}

export interface X509Credential {
  close: () => Promise<void>;
}

export interface TokenExchangeResponse {
  access_token: string;
  issued_token_type: string;
  token_type: string;
  expires_in?: number;
}
