/** Texts of responses that are held to their schema while they come. */

import { OpenAIError, SchemaViolationError } from '../../core/error.js';
import type { Response, ResponseInputItem, ResponseStreamEvent } from '../../resources/responses/responses.js';
import { AnswerGuard, correction } from './answer-guard.js';
import { compiled } from './schema.js';

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

/**
 * What is wrong with the first text of a whole response that does not fit its schema.
 *
 * A response that is not completed may be cut, and a message with a phase other than the final one is no answer.
 */
export function violationOf(response: Response, schema: object, attempts: number): SchemaViolationError | undefined {
  if ((response.status ?? 'completed') !== 'completed') return undefined;
  for (const item of response.output) {
    if (item.type !== 'message' || !isAnswer(item)) continue;
    for (const part of item.content) {
      const violation = part.type === 'output_text' ? compiled(schema).violation(part.text) : null;
      if (violation === null) continue;
      return new SchemaViolationError(violation, { text: (part as { text: string }).text, usage: response.usage ?? null, attempts });
    }
  }
  return undefined;
}

function isAnswer({ phase }: { phase?: string | null }): boolean {
  return (phase ?? 'final_answer') === 'final_answer';
}

/** The texts of a streamed response, each held to the same schema. */
export class ResponseGuards {
  readonly #schema: object;
  readonly #guards = new Map<string, AnswerGuard>();
  /** Places of messages that are no answers. */
  readonly #others = new Set<number>();

  /** @throws {SchemaError} The schema is not one. */
  constructor(schema: object) {
    this.#schema = schema;
    compiled(schema);
  }

  /** Takes an event; the first text that it made impossible, or ended too early. */
  add(event: ResponseStreamEvent): AnswerGuard | undefined {
    if (event.type === 'response.output_item.added') {
      if (event.item.type === 'message' && !isAnswer(event.item)) this.#others.add(event.output_index);
    } else if (event.type === 'response.output_text.delta') {
      if (this.#others.has(event.output_index)) return undefined;
      const guard = this.#guard(`${event.output_index}/${event.content_index}`);
      return guard.push(event.delta) ? undefined : guard;
    } else if (event.type === 'response.completed') {
      // A response that is not completed may be cut, which is no fault of what there is.
      return [...this.#guards.values()].find((guard) => !guard.finish());
    }
    return undefined;
  }

  #guard(place: string): AnswerGuard {
    let guard = this.#guards.get(place);
    if (guard === undefined) this.#guards.set(place, (guard = new AnswerGuard(this.#schema)));
    return guard;
  }
}
