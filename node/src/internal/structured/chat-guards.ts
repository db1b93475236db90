/** Answers of chat completions that are held to their schema. */

import type { SchemaViolationError } from '../../core/error.js';
import type { ChatCompletion, ChatCompletionMessageParam } from '../../resources/chat/completions/completions.js';
import { AnswerGuards, violationIn } from './answer-guard.js';
import { correction } from './attempts.js';
import { refuseUnfinished } from './whole-answer.js';

/** The JSON schema of a format of chat completions, if it has one. */
export function schemaOfFormat(format: unknown): unknown {
  const { type, json_schema } = (format ?? {}) as { type?: unknown; json_schema?: { schema?: unknown } };
  return type === 'json_schema' ? json_schema?.schema : undefined;
}

/** The messages of the next request: what was said so far, and what is wrong with the answer. */
export function correctedMessages(
  messages: ChatCompletionMessageParam[],
  violation: SchemaViolationError,
): ChatCompletionMessageParam[] {
  return [...messages, ...correction(violation)] as ChatCompletionMessageParam[];
}

/**
 * What is wrong with the first answer of a whole completion that does not fit its schema.
 *
 * @throws {LengthFinishReasonError} An answer was cut, which is no fault of what there is.
 * @throws {ContentFilterFinishReasonError} The same, by the content filter.
 */
export function violationInCompletion(
  { choices, usage }: ChatCompletion,
  schema: object,
  attempt: number,
): SchemaViolationError | undefined {
  for (const { finish_reason, message } of choices) {
    refuseUnfinished(finish_reason);
    // Who calls tools has not answered yet.
    const isAnswer = finish_reason === 'stop' && message.content && !message.refusal;
    const violation = isAnswer ? violationIn(message.content as string, schema, usage, attempt) : undefined;
    if (violation !== undefined) return violation;
  }
  return undefined;
}

/** The answers of a streamed completion, each held to the same schema. */
export class ChoiceGuards {
  readonly #answers: AnswerGuards<number>;
  readonly #refused = new Set<number>();

  /**
   * @param attempt - Which request is answered, from 1.
   * @throws {SchemaError} The schema is not one.
   */
  constructor(schema: object, attempt: number) {
    this.#answers = new AnswerGuards(schema, attempt);
  }

  /** Takes a chunk; what is wrong with the first answer that it made impossible, or ended too early. A refusal is no answer. */
  add({ choices, usage }: ChoicePieces): SchemaViolationError | undefined {
    if (usage) this.#answers.usage = usage;
    for (const { index, delta, finish_reason } of choices) {
      if (delta?.refusal) this.#refused.add(index);
      const impossible = delta?.content ? this.#answers.push(index, delta.content) : undefined;
      if (impossible !== undefined) return impossible;
      // An answer that was cut is told as cut.
      const isWhole = finish_reason === 'stop' && !this.#refused.has(index);
      const invalid = isWhole ? this.#answers.finish(index) : undefined;
      if (invalid !== undefined) return invalid;
    }
    return undefined;
  }
}

/** What is read of a chunk. */
interface ChoicePieces {
  choices: {
    index: number;
    delta?: { content?: string | null; refusal?: string | null };
    finish_reason?: string | null;
  }[];
  usage?: unknown;
}
