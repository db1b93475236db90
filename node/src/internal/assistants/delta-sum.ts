/** What a delta of an assistant adds to what there is so far. */

import { OpenAIError } from '../../core/error.js';

/** Places in a list that a delta may name; the number is that of the official package. */
const MOST_PLACES = 1024;

/** Members that a delta replaces, because they say what a value is and not how it goes on. */
const REPLACED: ReadonlySet<string> = new Set(['index', 'type']);

/** Members that are not those of a value, but of its making. */
const UNSAFE: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

type Members = Record<string, unknown>;

/**
 * Adds a delta to a snapshot, in place: texts are joined, numbers summed, the elements of lists found by their `index`.
 *
 * @returns The snapshot.
 * @throws {OpenAIError} An index is no place in a list, or a member is no data.
 * @throws {TypeError} A value and its delta are of different kinds, or of one that nothing can be added to.
 * @throws {Error} An element of a list does not say where it belongs.
 */
export function addDelta(snapshot: Members, delta: Members): Members {
  checkSafe(delta);
  return addMembers(snapshot, delta);
}

function addMembers(snapshot: Members, delta: Members): Members {
  for (const [key, change] of Object.entries(delta)) {
    const value = Object.hasOwn(snapshot, key) ? snapshot[key] : undefined;
    if (value === null || value === undefined || REPLACED.has(key)) snapshot[key] = change;
    else snapshot[key] = sum(value, change);
  }
  return snapshot;
}

/** @throws {OpenAIError} A place in a list is none; `what` names the list. */
export function checkPlace(index: unknown, what: 'array' | 'content'): asserts index is number {
  if (Number.isInteger(index) && (index as number) >= 0 && (index as number) < MOST_PLACES) return;
  const told = typeof index === 'number' ? index : 'unknown';
  throw new OpenAIError(`Assistant stream delta contains an invalid ${what} index: ${told}`);
}

function checkSafe(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (UNSAFE.has(key)) throw new OpenAIError(`Assistant stream delta contains an unsafe property: ${key}`);
    checkSafe(member);
  }
}

function sum(value: unknown, change: unknown): unknown {
  if (typeof value === 'string' && typeof change === 'string') return value + change;
  if (typeof value === 'number' && typeof change === 'number') return value + change;
  if (Array.isArray(value) && Array.isArray(change)) return addElements(value, change);
  if (isMembers(value) && isMembers(change)) return addMembers(value, change);
  throw new TypeError('Unhandled record type: unknown');
}

function addElements(list: unknown[], changes: unknown[]): unknown[] {
  if ([...list, ...changes].every((each) => typeof each === 'string' || typeof each === 'number')) {
    list.push(...changes);
    return list;
  }
  for (const change of changes) {
    if (!isMembers(change)) throw new Error('Expected array delta entry to be an object but got an invalid value');
    const { index } = change;
    if (index === null || index === undefined) throw new Error('Expected array delta entry to have an `index` property');
    if (typeof index !== 'number') {
      throw new TypeError('Expected array delta entry `index` property to be a number but got an invalid value');
    }
    checkPlace(index, 'array');
    const value = list[index];
    list[index] = value === null || value === undefined ? change : addMembers(value as Members, change);
  }
  return list;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
