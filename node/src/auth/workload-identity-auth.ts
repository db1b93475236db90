/** Part of credentials other than keys: by name and type only. */

import { type Fetch } from '../internal/types.js';
import { type WorkloadIdentity } from './types.js';
import { later } from '../internal/later.js';

/** It needs credentials other than keys, which tailrace does not have yet: making one throws an OpenAIError. */
export class WorkloadIdentityAuth {
  constructor(config: WorkloadIdentity, fetch?: Fetch);
  constructor(..._values: any[]) {
    throw later('WorkloadIdentityAuth', 'credentials other than keys');
  }
  getToken(): Promise<string>;
  getToken(): never {
    throw later('WorkloadIdentityAuth.getToken', 'credentials other than keys');
  }
  invalidateToken(): void;
  invalidateToken(): never {
    throw later('WorkloadIdentityAuth.invalidateToken', 'credentials other than keys');
  }
}
