/** Answers that are held to their schema while they come. */

import { SchemaViolationError } from '../../core/error.js';
import type { Prefix, Violation } from '../native.cjs';
import { compiled } from './schema.js';

/** One answer and its schema. */
class AnswerGuard {
  readonly #prefix: Prefix;
  #text = '';
  /** The first half of a character, which waits for the other. */
  #half = '';
  #violation: Violation | null = null;

  constructor(schema: object) {
    this.#prefix = compiled(schema).prefix();
  }

  get text(): string {
    return this.#text;
  }

  /** Adds a piece; why no answer that begins like this is valid. */
  push(piece: string): Violation | null {
    this.#text += piece;
    const whole = this.#half + piece;
    const isHalf = /[\uD800-\uDBFF]$/.test(whole);
    this.#half = isHalf ? whole.slice(-1) : '';
    this.#violation ??= this.#prefix.push(isHalf ? whole.slice(0, -1) : whole);
    return this.#violation;
  }

  /** Says that the answer is whole; why it is not valid. */
  finish(): Violation | null {
    if (this.#half !== '') this.#violation ??= this.#prefix.push(this.#half);
    this.#violation ??= this.#prefix.finish();
    return this.#violation;
  }
}

/** The answers to one request by their places, each held to the same schema. */
export class AnswerGuards<Place> {
  readonly #schema: object;
  readonly #attempt: number;
  readonly #guards = new Map<Place, AnswerGuard>();
  /** What the API has reported of tokens for this request so far. */
  usage: unknown = null;

  /**
   * @param attempt - Which request is answered, from 1.
   * @throws {SchemaError} The schema is not one.
   */
  constructor(schema: object, attempt: number) {
    this.#schema = schema;
    this.#attempt = attempt;
    compiled(schema);
  }

  /** Adds a piece to the answer at a place; what is wrong once no answer that begins like this is valid. */
  push(place: Place, piece: string): SchemaViolationError | undefined {
    let guard = this.#guards.get(place);
    if (guard === undefined) this.#guards.set(place, (guard = new AnswerGuard(this.#schema)));
    return this.#error(guard.push(piece), guard);
  }

  /** Says that the answer at a place is whole; what is wrong with it. */
  finish(place: Place): SchemaViolationError | undefined {
    const guard = this.#guards.get(place);
    return guard && this.#error(guard.finish(), guard);
  }

  /** Says that all answers are whole; what is wrong with the first one that is not valid. */
  finishAll(): SchemaViolationError | undefined {
    for (const place of this.#guards.keys()) {
      const error = this.finish(place);
      if (error !== undefined) return error;
    }
    return undefined;
  }

  #error(violation: Violation | null, { text }: AnswerGuard): SchemaViolationError | undefined {
    if (violation === null) return undefined;
    return new SchemaViolationError(violation, { text, usage: this.usage, attempts: this.#attempt });
  }
}

/**
 * What is wrong with a whole answer.
 *
 * @param usage - What the API reported of tokens.
 * @param attempts - How many requests were made.
 * @throws {SchemaError} The schema is not one.
 */
export function violationIn(
  text: string,
  schema: object,
  usage: unknown,
  attempts: number,
): SchemaViolationError | undefined {
  const violation = compiled(schema).violation(text);
  if (violation === null) return undefined;
  return new SchemaViolationError(violation, { text, usage: usage ?? null, attempts });
}
