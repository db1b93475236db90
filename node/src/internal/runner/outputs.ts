/** What a function may give back to the model: text, or a list of parts. */

import type { ResponseInputItem } from '../../resources/responses/responses.js';
import { knownFields } from './fields.js';

export type Output = ResponseInputItem.FunctionCallOutput['output'];

/** The fields of each kind of part. */
const PARTS: Record<string, readonly string[]> = {
  input_text: ['text', 'prompt_cache_breakpoint'],
  input_image: ['detail', 'file_id', 'image_url', 'prompt_cache_breakpoint'],
  input_file: ['detail', 'file_data', 'file_id', 'file_url', 'filename', 'prompt_cache_breakpoint'],
};

/** Whether a value can be sent as the output of a function. */
export function isOutput(value: unknown): value is Output {
  return typeof value === 'string' || (Array.isArray(value) && value.every(isPart));
}

function isPart(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false;
  const { type, ...fields } = part as Record<string, unknown>;
  const known = PARTS[String(type)];
  if (known === undefined || (type === 'input_text' && typeof fields.text !== 'string')) return false;
  return Object.entries(fields).every(
    ([name, value]) =>
      known.includes(name) && (name === 'prompt_cache_breakpoint' || value === null || typeof value === 'string'),
  );
}

/** What a caller may put in place of running a function. */
export type Supplied = ResponseInputItem.FunctionCallOutput;

/**
 * Outputs that a caller supplies, by their calls.
 *
 * @param allowed - The calls that wait for one.
 * @throws {TypeError} An output is none, or its call does not wait for it.
 */
export function suppliedOutputs(outputs: unknown, allowed: ReadonlySet<string>): Map<string, Supplied> {
  const supplied = new Map<string, Supplied>();
  if (!Array.isArray(outputs)) throw new TypeError('Supplied output must be text or native content blocks.');
  for (const each of outputs as unknown[]) {
    const fields = knownFields(each, ['type', 'call_id', 'output']);
    const { type, call_id, output } = fields as unknown as Supplied & { call_id: string };
    if (type !== 'function_call_output' || !allowed.has(call_id) || supplied.has(call_id)) {
      throw new TypeError('Supplied output call ID is not unique and permitted for this turn.');
    }
    if (!isOutput(output)) throw new TypeError('Supplied output must be text or native content blocks.');
    supplied.set(call_id, { type, call_id, output });
  }
  return supplied;
}
