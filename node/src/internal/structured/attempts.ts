/** What happens when an answer does not fit its schema: it is given up, or asked for again with the reason. */

import { OpenAIError, type SchemaViolationError } from '../../core/error.js';
import type { RequestOptions } from '../request-options.js';

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
    throw new OpenAIError(
      '`onInvalid` needs a schema to judge by; pass a format with a JSON schema, such as `zodResponseFormat` makes.',
    );
  }
  return { strictness: { schema, attempts: onInvalid === 'abort' ? 1 : (attempts ?? DEFAULT_ATTEMPTS) }, rest };
}

/**
 * The first answer in which nothing is wrong.
 *
 * @param first - The answer to the first request.
 * @param violationIn - What is wrong with an answer, told how many requests there were.
 * @param askAgain - Makes the next request, told what is wrong with the answer to the one before.
 * @throws {SchemaViolationError} What is wrong with the last answer that may be asked for.
 */
export async function firstValid<Answer>(
  first: Answer,
  { schema, attempts }: Strictness,
  violationIn: (answer: Answer, schema: object, attempt: number) => SchemaViolationError | undefined,
  askAgain: (violation: SchemaViolationError) => PromiseLike<Answer>,
): Promise<Answer> {
  let answer = first;
  for (let attempt = 1; ; attempt += 1) {
    const violation = violationIn(answer, schema, attempt);
    if (violation === undefined) return answer;
    if (attempt >= attempts) throw violation;
    answer = await askAgain(violation);
  }
}

/** What the model is told when it is asked again: its answer so far, and why it cannot be right. */
export function correction({ text, message }: SchemaViolationError): { role: 'assistant' | 'user'; content: string }[] {
  const reason = `This answer does not fit the JSON schema: ${message}.`;
  const request = 'Answer again from the beginning, with the whole corrected JSON and nothing else.';
  return [
    { role: 'assistant', content: text },
    { role: 'user', content: `${reason} ${request}` },
  ];
}
