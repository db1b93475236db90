/** Methods that take options in place of their query. */

import type { RequestOptions } from './request-options.js';

/** The options that may stand alone. */
type Alone = 'headers' | 'maxRetries' | 'timeout' | 'deadline' | 'signal' | 'idempotencyKey' | 'query';

/** The options that change the request itself, and have to be told apart from a query; `stream` may be a member of one. */
type ApartButStream =
  | 'method'
  | 'path'
  | 'body'
  | 'httpAgent'
  | 'fetchOptions'
  | 'defaultBaseURL'
  | '__metadata'
  | '__binaryRequest'
  | '__binaryResponse'
  | '__streamClass'
  | '__streamMode'
  | '__security'
  | '__synthesizeEventData';

type Apart = ApartButStream | 'stream';

// Not generic, so that the compiler makes them once.
type NoOptions = { [K in Alone | Apart]?: never } | null | undefined;
type NoOptionsButStream = { [K in Alone | ApartButStream]?: never } | null | undefined;

/** A query that has no member with the name of an option. */
export type QueryOnly<Query> = Query & NoOptions;

/** The same for a query that has a member `stream`. */
export type StreamQueryOnly<Query> = Query & NoOptionsButStream;

/** Options that stand in place of the query. */
export type OptionsOnly = { [K in Alone]?: RequestOptions[K] } & { [K in Apart]?: never };

// The compiler sees that no name is missing. Types are written out: those of arrays of names cost every user's compiler.
const ALONE: Record<Alone, true> = {
  headers: true,
  maxRetries: true,
  timeout: true,
  deadline: true,
  signal: true,
  idempotencyKey: true,
  query: true,
};
const APART: Record<Apart, true> = {
  method: true,
  path: true,
  body: true,
  stream: true,
  httpAgent: true,
  fetchOptions: true,
  defaultBaseURL: true,
  __metadata: true,
  __binaryRequest: true,
  __binaryResponse: true,
  __streamClass: true,
  __streamMode: true,
  __security: true,
  __synthesizeEventData: true,
};

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
  const apart = names.find((name) => Object.hasOwn(APART, name) && !(hasStream && name === 'stream'));
  if (apart !== undefined) {
    throw new TypeError(
      `\`${apart}\` is an option of the request; give options as the last argument, after the query.`,
    );
  }
  if (!names.some((name) => Object.hasOwn(ALONE, name))) return [given as Query | null | undefined, options];
  const other = names.find((name) => !Object.hasOwn(ALONE, name));
  if (other !== undefined || options !== undefined) {
    throw new TypeError('The query and the options of the request must be separate arguments.');
  }
  return [undefined, given as RequestOptions];
}

/** Query and options of a call that was given options alone, or both in this order. */
export function lastArguments<Query>(given: unknown[]): [query: Query, options: RequestOptions | undefined] {
  return (given.length > 1 ? given : [undefined, ...given]) as [Query, RequestOptions | undefined];
}
