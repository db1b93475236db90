/** Methods that take options in place of their query. */

import type { RequestOptions } from './request-options.js';

/** The options that may stand alone. */
const ALONE = ['headers', 'maxRetries', 'timeout', 'signal', 'idempotencyKey', 'query'] as const;

/** The options that change the request itself, and have to be told apart from a query. */
const APART = [
  'method',
  'path',
  'body',
  'stream',
  'httpAgent',
  'fetchOptions',
  'defaultBaseURL',
  '__metadata',
  '__binaryRequest',
  '__binaryResponse',
  '__streamClass',
  '__streamMode',
  '__security',
  '__synthesizeEventData',
] as const;

type Alone = (typeof ALONE)[number];
type Apart = (typeof APART)[number];
type Never<Keys extends string> = { [K in Keys]?: never };
type NoOptions = Never<Alone | Apart> | null | undefined;
type NoOptionsButStream = Never<Alone | Exclude<Apart, 'stream'>> | null | undefined;

/** A query that has no member with the name of an option. */
export type QueryOnly<Query> = Query & NoOptions;

/** The same for a query that has a member `stream`. */
export type StreamQueryOnly<Query> = Query & NoOptionsButStream;

/** Options that stand in place of the query. */
export type OptionsOnly = { [K in Alone]?: RequestOptions[K] } & Never<Apart>;

const isAlone: ReadonlySet<string> = new Set(ALONE);
const isApart: ReadonlySet<string> = new Set(APART);

/**
 * The query and the options of a call that was given either or both.
 *
 * @param given - The query, or options alone.
 * @param options - The options, when `given` is the query.
 * @param hasStream - Whether `stream` is a member of the query.
 * @throws {TypeError} `given` has members of both, or an option that has to stand apart.
 */
export function listArguments<Query>(
  given: object | null | undefined,
  options: RequestOptions | undefined,
  hasStream = false,
): [query: Query | null | undefined, options: RequestOptions | undefined] {
  const names = Object.entries(given ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const apart = names.find((name) => isApart.has(name) && !(hasStream && name === 'stream'));
  if (apart !== undefined) {
    throw new TypeError(
      `\`${apart}\` is an option of the request; give options as the last argument, after the query.`,
    );
  }
  if (!names.some((name) => isAlone.has(name))) return [given as Query | null | undefined, options];
  const other = names.find((name) => !isAlone.has(name));
  if (other !== undefined || options !== undefined) {
    throw new TypeError('The query and the options of the request must be separate arguments.');
  }
  return [undefined, given as RequestOptions];
}

/** Query and options of a call that was given options alone, or both in this order. */
export function lastArguments<Query>(given: unknown[]): [query: Query, options: RequestOptions | undefined] {
  return (given.length > 1 ? given : [undefined, ...given]) as [Query, RequestOptions | undefined];
}
