/** Part of the helpers of agents: by name and type only. */

import { type InputContentParam } from '../../../resources/beta/agents/agents.js';
import { later } from '../../../internal/later.js';

export function isInputContent(value: unknown): value is InputContentParam;
export function isInputContent(): never {
  throw later('isInputContent', 'the helpers of agents');
}
