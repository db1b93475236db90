/** Asking again until something is finished. */

import type { APIPromise } from '../core/api-promise.js';
import { polled, type PollOptions } from '../helpers/polling.js';
import type { NullableHeaders } from '../internal/headers.js';

/** Asks until the status is one of `terminalStatuses`. */
export function pollWithResponse<T extends { status: string }>(
  retrieve: (headers: NullableHeaders) => APIPromise<T>,
  intermediateStatuses: readonly T['status'][],
  terminalStatuses: readonly T['status'][],
  options?: PollOptions,
): Promise<T> {
  void intermediateStatuses;
  return polled(retrieve, terminalStatuses, options);
}
