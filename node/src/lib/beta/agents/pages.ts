/** Part of the helpers of agents: by name and type only. */

import { type CursorPage } from '../../../core/pagination.js';
import { later } from '../../../internal/later.js';

export function agentItems<
  T extends {
    id?: string | null;
  },
>(load: (after: string | undefined) => PromiseLike<CursorPage<T>>): AsyncGenerator<T, void, undefined>;
export function agentItems(): never {
  throw later('agentItems', 'the helpers of agents');
}
