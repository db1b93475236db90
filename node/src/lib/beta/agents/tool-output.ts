/** What a function gives back to an agent. */

import { type InputContentParam } from '../../../resources/beta/agents/agents.js';

/** Whether a value is a text or an image for an agent, and no data of the caller that looks like one. */
export function isInputContent(value: unknown): value is InputContentParam {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  // A copy has what JSON would have.
  const { type, text, image_url } = { ...value } as Record<string, unknown>;
  return type === 'input_text' ? typeof text === 'string' : type === 'input_image' && typeof image_url === 'string';
}
