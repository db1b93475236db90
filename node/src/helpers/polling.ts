/** Asking again until something is finished. */

import type { APIPromise } from '../core/api-promise.js';
import { APIUserAbortError } from '../core/error.js';
import { buildHeaders, type NullableHeaders } from '../internal/headers.js';
import type { RequestOptions } from '../internal/request-options.js';
import { sleep } from '../internal/sleep.js';

/** Options of helpers that wait. */
export type PollOptions = RequestOptions & {
  /** In milliseconds; default what the server asks for in `openai-poll-after-ms`, then 5,000. */
  pollIntervalMs?: number;
};

/** The official pause, in milliseconds, where nobody names one. */
export const DEFAULT_INTERVAL = 5000;

/**
 * Asks until the status is a final one.
 *
 * @param retrieve - Asks once, with the headers that tell the server of this helper.
 * @param final - The statuses that end the wait. Any other, known or not, is waited for.
 * @throws {APIError} A call failed.
 * @throws {APIUserAbortError} `options.signal` was aborted, also during a pause.
 */
export async function polled<T extends { status: string }>(
  retrieve: (headers: NullableHeaders) => APIPromise<T>,
  final: readonly string[],
  options: PollOptions = {},
): Promise<T> {
  const { pollIntervalMs, signal } = options;
  const headers = buildHeaders([
    options.headers,
    {
      'X-Stainless-Poll-Helper': 'true',
      'X-Stainless-Custom-Poll-Interval': pollIntervalMs == null ? undefined : String(pollIntervalMs),
    },
  ]);
  for (;;) {
    const { data, response } = await retrieve(headers).withResponse();
    if (final.includes(data.status)) return data;
    await sleep(interval(pollIntervalMs, response), signal);
    if (signal?.aborted) throw new APIUserAbortError();
  }
}

function interval(own: number | undefined, response: Response): number {
  const named = own ?? Number.parseInt(response.headers.get('openai-poll-after-ms') ?? '', 10);
  const milliseconds = Number(named);
  return Number.isNaN(milliseconds) ? DEFAULT_INTERVAL : milliseconds;
}
