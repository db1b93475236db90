/** Part of credentials other than keys: by name and type only. */

import { type Fetch } from '../internal/types.js';
import { type SubjectTokenProvider } from './types.js';
import { later } from '../internal/later.js';

type ReadFile = (path: string) => Promise<string>;

export function k8sServiceAccountTokenProvider(
  tokenPath?: string,
  config?: {
    readFile?: ReadFile;
  },
): SubjectTokenProvider;
export function k8sServiceAccountTokenProvider(): never {
  throw later('k8sServiceAccountTokenProvider', 'credentials other than keys');
}

export function azureManagedIdentityTokenProvider(
  resource?: string,
  config?: {
    objectId?: string;
    clientId?: string;
    msiResId?: string;
    apiVersion?: string;
    timeout?: number;
    fetch?: Fetch;
  },
): SubjectTokenProvider;
export function azureManagedIdentityTokenProvider(): never {
  throw later('azureManagedIdentityTokenProvider', 'credentials other than keys');
}

export function gcpIDTokenProvider(
  audience?: string,
  config?: {
    timeout?: number;
    fetch?: Fetch;
  },
): SubjectTokenProvider;
export function gcpIDTokenProvider(): never {
  throw later('gcpIDTokenProvider', 'credentials other than keys');
}
