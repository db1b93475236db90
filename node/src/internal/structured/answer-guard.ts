/** Answers that are held to their schema while they come. */

import { OpenAIError, SchemaViolationError } from '../../core/error.js';
import type { Prefix, Violation } from '../native.cjs';
import type { RequestOptions } from '../request-options.js';
import { compiled } from './schema.js';

/** How many requests there are in all when nothing else is said: one, and one more. */
const DEFAULT_ATTEMPTS = 2;

/** What to do with an answer that its schema does not allow. */
export interface Strictness {
  /** The JSON schema. */
  schema: object;
  /** How many requests there may be in all. */
  attempts: number;
}

/**
 * Reads `onInvalid` and `attempts`, and gives the other options.
 *
 * @param schema - The JSON schema of the answer, if the request has one.
 * @throws {OpenAIError} They do not fit together, or there is no schema.
 */
export function strictnessOf(
  options: RequestOptions | undefined,
  schema: unknown,
): { strictness: Strictness | undefined; rest: RequestOptions } {
  const { onInvalid, attempts, ...rest } = options ?? {};
  if (onInvalid === undefined) {
    if (attempts !== undefined) throw new OpenAIError("`attempts` counts the requests of `onInvalid: 'retry'`; set that, too.");
    return { strictness: undefined, rest };
  }
  if (onInvalid !== 'abort' && onInvalid !== 'retry') {
    throw new OpenAIError(`\`onInvalid\` is 'abort' or 'retry', not ${JSON.stringify(onInvalid)}.`);
  }
  if (attempts !== undefined && !(Number.isInteger(attempts) && attempts >= 1)) {
    throw new OpenAIError(`\`attempts\` is a whole number of at least 1, not ${String(attempts)}.`);
  }
  if (onInvalid === 'abort' && attempts !== undefined && attempts !== 1) {
    throw new OpenAIError("`onInvalid: 'abort'` makes one request; `attempts` belongs to `onInvalid: 'retry'`.");
  }
  if (typeof schema !== 'object' || schema === null) {
    throw new OpenAIError('`onInvalid` needs a format with a JSON schema, such as `zodResponseFormat` makes, to hold the answer to.');
  }
  return { strictness: { schema, attempts: onInvalid === 'abort' ? 1 : (attempts ?? DEFAULT_ATTEMPTS) }, rest };
}

/** One answer and its schema. */
export class AnswerGuard {
  readonly #prefix: Prefix;
  #text = '';
  /** The first half of a character, which waits for the other. */
  #half = '';
  #violation: Violation | null = null;

  /** @throws {SchemaError} The schema is not one. */
  constructor(schema: object) {
    this.#prefix = compiled(schema).prefix();
  }

  /** Adds a piece; whether an answer that begins like this can still be valid. */
  push(piece: string): boolean {
    this.#text += piece;
    const whole = this.#half + piece;
    const isHalf = /[\uD800-\uDBFF]$/.test(whole);
    this.#half = isHalf ? whole.slice(-1) : '';
    this.#violation ??= this.#prefix.push(isHalf ? whole.slice(0, -1) : whole);
    return this.#violation === null;
  }

  /** Says that the answer is whole; whether it is valid. */
  finish(): boolean {
    if (this.#half !== '') this.#violation ??= this.#prefix.push(this.#half);
    this.#violation ??= this.#prefix.finish();
    return this.#violation === null;
  }

  /**
   * What is wrong.
   *
   * @param usage - The usage that was reported so far.
   * @param attempts - How many requests were made.
   */
  error(usage: unknown, attempts: number): SchemaViolationError {
    return new SchemaViolationError(this.#violation as Violation, { text: this.#text, usage: usage ?? null, attempts });
  }
}

/** What the model is told when it is asked again: its answer so far, and why it cannot be right. */
export function correction({ text, message }: SchemaViolationError): { role: 'assistant' | 'user'; content: string }[] {
  return [
    { role: 'assistant', content: text },
    { role: 'user', content: `This answer does not fit the JSON schema: ${message}. Give the whole answer again, corrected.` },
  ];
}

/** The JSON schema of a format of chat completions, if it has one. */
export function schemaOfFormat(format: unknown): unknown {
  const { type, json_schema } = (format ?? {}) as { type?: unknown; json_schema?: { schema?: unknown } };
  return type === 'json_schema' ? json_schema?.schema : undefined;
}

/** The answers of a streamed completion, each held to the same schema. */
export class ChoiceGuards {
  readonly #schema: object;
  readonly #guards = new Map<number, AnswerGuard>();
  readonly #refused = new Set<number>();

  /** @throws {SchemaError} The schema is not one. */
  constructor(schema: object) {
    this.#schema = schema;
    compiled(schema);
  }

  /** Takes a chunk; the first answer that it made impossible, or ended too early. A refusal is no answer. */
  add({ choices }: { choices: ChoicePiece[] }): AnswerGuard | undefined {
    for (const { index, delta, finish_reason } of choices) {
      if (delta?.refusal) this.#refused.add(index);
      if (delta?.content) {
        let guard = this.#guards.get(index);
        if (guard === undefined) this.#guards.set(index, (guard = new AnswerGuard(this.#schema)));
        if (!guard.push(delta.content)) return guard;
      }
      // An answer that was cut is told as cut.
      const isWhole = finish_reason === 'stop' && !this.#refused.has(index);
      const guard = this.#guards.get(index);
      if (isWhole && guard?.finish() === false) return guard;
    }
    return undefined;
  }
}

interface ChoicePiece {
  index: number;
  delta?: { content?: string | null; refusal?: string | null };
  finish_reason?: string | null;
}
