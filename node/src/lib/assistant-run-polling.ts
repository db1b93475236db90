/** Waiting for runs of assistants. */

import { poll } from '../helpers/runs.js';
import type { RequestOptions } from '../internal/request-options.js';
import type { Run, RunRetrieveParams, Runs } from '../resources/beta/threads/runs/runs.js';

/** Waits until a run is finished or needs something. */
export function pollAssistantRun(
  resource: Pick<Runs, 'retrieve'>,
  runID: string,
  params: RunRetrieveParams,
  options?: RequestOptions & { pollIntervalMs?: number },
): Promise<Run> {
  return poll(resource, runID, params, options);
}
