/** What a decision says, looked at before anything is done about it. */

import type { Decision } from '../../resources/decisions.js';
import { detached } from '../detached.js';
import type { Candidate } from './candidates.js';
import { DecisionsStop } from './stop.js';

/** The name of the only question. */
export const QUESTION = 'next_action';

type Members = Record<string, unknown>;

/**
 * The candidate that was chosen; `undefined` when the model refused.
 *
 * @throws {DecisionsStop} The decision is none, or is about something else.
 */
export function chosen(decision: Decision, candidates: Candidate[]): Candidate | undefined {
  const { model, answers, usage } = decision as { model: unknown; answers: unknown; usage: unknown };
  if (typeof model !== 'string' || !isUsage(usage) || !Array.isArray(answers) || answers.length !== 1) refuse();
  const [answer] = answers as unknown[];
  if (!isMembers(answer) || answer.name !== QUESTION) refuse();
  if (answer.type === 'refusal') return undefined;
  if (answer.type !== 'choice' || typeof answer.confidence !== 'number' || !isProbabilities(answer.probabilities)) refuse();
  return candidates.find(({ id }) => id === answer.choice) ?? refuse();
}

/** A decision of the caller's own. @throws {DecisionsStop} It is no object. */
export function ownDecision(decision: unknown): Decision {
  return isMembers(decision) ? (detached(decision) as unknown as Decision) : refuse();
}

function refuse(): never {
  throw new DecisionsStop('invalid_answer');
}

function isUsage(usage: unknown): boolean {
  if (!isMembers(usage)) return false;
  const { input_tokens_details: input, output_tokens_details: output } = usage;
  return (
    hasCounts(usage, ['input_tokens', 'output_tokens', 'total_tokens']) &&
    hasCounts(input, ['cache_write_tokens', 'cached_tokens']) &&
    hasCounts(output, ['reasoning_tokens'])
  );
}

function hasCounts(value: unknown, names: string[]): boolean {
  return isMembers(value) && names.every((name) => Number.isInteger(value[name]));
}

function isProbabilities(all: unknown): boolean {
  return Array.isArray(all) && all.every(isProbability);
}

function isProbability(each: unknown): boolean {
  if (!isMembers(each) || typeof each.probability !== 'number') return false;
  return typeof each.value === 'string' || typeof each.value === 'boolean';
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
