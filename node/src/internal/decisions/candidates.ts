/** What a caller's functions give a run of decisions: copied and looked at, so that nothing changes while it is decided. */

import type { DecisionCandidate, DecisionObservation } from '../../helpers/decisions-tool-runner.js';
import { detached } from '../detached.js';
import { DecisionsStop } from './stop.js';

/** Candidates of one question; the number is that of the official package. */
const MOST_CANDIDATES = 255;

/** The content of each part of an observation. */
const PARTS: Record<string, string> = { input_text: 'text', input_image: 'image_url' };

/** Something to do, or the end of the run when there is nothing to do. */
export interface Candidate {
  id: string;
  description: string;
  execute: (() => unknown) | undefined;
}

/** @throws {DecisionsStop} It is neither text nor parts of a message. */
export function ownObservation(value: unknown): DecisionObservation {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) throw new DecisionsStop('failed');
  return value.map((part) => ownPart(part)) as DecisionObservation;
}

function ownPart(part: unknown): object {
  const { type } = (part ?? {}) as { type?: unknown };
  const name = PARTS[String(type)];
  if (name === undefined || typeof (part as Record<string, unknown>)[name] !== 'string') throw new DecisionsStop('failed');
  return detached(part as object);
}

/** @throws {DecisionsStop} They are no list, too many, alike, or not exactly one of them ends the run. */
export function ownCandidates(value: unknown): Candidate[] {
  if (!Array.isArray(value) || value.length > MOST_CANDIDATES) throw new DecisionsStop('invalid_candidates');
  const all = value.map((each) => ownCandidate(each));
  const ends = all.filter(({ execute }) => execute === undefined).length;
  if (ends !== 1 || new Set(all.map(({ id }) => id)).size !== all.length) throw new DecisionsStop('invalid_candidates');
  return all;
}

function ownCandidate(value: unknown): Candidate {
  const { id, description, done, execute } = (value ?? {}) as Partial<Record<keyof DecisionCandidate, unknown>>;
  if (typeof id !== 'string' || id === '' || typeof description !== 'string' || description === '') {
    throw new DecisionsStop('invalid_candidates');
  }
  if (done === true && execute === undefined) return { id, description, execute: undefined };
  const isAction = (done === undefined || done === false) && typeof execute === 'function';
  if (!isAction) throw new DecisionsStop('invalid_candidates');
  return { id, description, execute: () => execute.call(value) as unknown };
}
