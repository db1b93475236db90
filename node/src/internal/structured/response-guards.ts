/** Texts of responses that are held to their schema. */

import { OpenAIError, type SchemaViolationError } from '../../core/error.js';
import type { Response, ResponseInputItem, ResponseStreamEvent } from '../../resources/responses/responses.js';
import { AnswerGuards, violationIn } from './answer-guard.js';
import { correction } from './attempts.js';
import { isAnswer } from './phase.js';

/** The JSON schema of a text format, if it has one. */
export function schemaOfTextFormat(format: unknown): unknown {
  const { type, schema } = (format ?? {}) as { type?: unknown; schema?: unknown };
  return type === 'json_schema' ? schema : undefined;
}

/** @throws {OpenAIError} A response that is there would have to be asked for again. */
export function refuseToAskAgain(attempts: number | undefined): void {
  if (attempts === undefined || attempts === 1) return;
  throw new OpenAIError("`onInvalid: 'retry'` asks for a new response, which `response_id` does not; use `onInvalid: 'abort'`.");
}

/** The input of the next request: what was said so far, and what is wrong with the answer. */
export function correctedInput(input: unknown, violation: SchemaViolationError): ResponseInputItem[] {
  const before = typeof input === 'string' ? [{ role: 'user', content: input }] : ((input ?? []) as ResponseInputItem[]);
  return [...before, ...correction(violation)] as ResponseInputItem[];
}

/** What is wrong with the first text of a whole response that does not fit its schema; one that is not completed may be cut. */
export function violationInResponse(
  { status, output, usage }: Response,
  schema: object,
  attempt: number,
): SchemaViolationError | undefined {
  if ((status ?? 'completed') !== 'completed') return undefined;
  for (const item of output) {
    if (item.type !== 'message' || !isAnswer(item)) continue;
    for (const part of item.content) {
      const violation = part.type === 'output_text' ? violationIn(part.text, schema, usage, attempt) : undefined;
      if (violation !== undefined) return violation;
    }
  }
  return undefined;
}

/** The texts of a streamed response, each held to the same schema. */
export class ResponseGuards {
  readonly #answers: AnswerGuards<string>;
  /** Places of messages that are no answers. */
  readonly #others = new Set<number>();

  /**
   * @param attempt - Which request is answered, from 1.
   * @throws {SchemaError} The schema is not one.
   */
  constructor(schema: object, attempt: number) {
    this.#answers = new AnswerGuards(schema, attempt);
  }

  /** Takes an event; what is wrong with the first text that it made impossible, or ended too early. */
  add(event: ResponseStreamEvent): SchemaViolationError | undefined {
    if ('response' in event && event.response.usage) this.#answers.usage = event.response.usage;
    if (event.type === 'response.output_item.added') {
      if (event.item.type === 'message' && !isAnswer(event.item)) this.#others.add(event.output_index);
    } else if (event.type === 'response.output_text.delta') {
      if (this.#others.has(event.output_index)) return undefined;
      return this.#answers.push(`${event.output_index}/${event.content_index}`, event.delta);
    } else if (event.type === 'response.completed') {
      // A response that is not completed may be cut, which is no fault of what there is.
      return this.#answers.finishAll();
    }
    return undefined;
  }
}
