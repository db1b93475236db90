/** Part of credentials other than keys: by name and type only. */

export interface SubjectTokenProvider {
  tokenType: 'jwt' | 'id';
  getToken: () => Promise<string>;
}

export interface WorkloadIdentity {
  clientId?: string;
  identityProviderId: string;
  serviceAccountId: string;
  provider: SubjectTokenProvider;
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
