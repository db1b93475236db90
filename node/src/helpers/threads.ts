/** Threads of assistants: start one with a run, and wait or listen. */

import type { ThreadCreateAndRunParamsNonStreaming, Threads } from '../resources/beta/threads/threads.js';
import type { Run } from '../resources/beta/threads/runs/runs.js';
import type { RequestOptions } from '../internal/request-options.js';
import { AssistantStream, type ThreadCreateAndRunParamsBaseStream } from '../lib/AssistantStream.js';
import type { PollOptions } from './polling.js';
import { poll } from './runs.js';

/** Starts a thread with a run and waits until the run is finished or needs something. */
export async function createAndRunPoll(
  resource: Threads,
  body: ThreadCreateAndRunParamsNonStreaming,
  options?: PollOptions,
): Promise<Run> {
  const run = await resource.createAndRun(body, options);
  return poll(resource.runs, run.id, { thread_id: run.thread_id }, options);
}

/** Starts a thread with a run, and tells what happens. */
export function createAndRunStream(
  resource: Threads,
  body: ThreadCreateAndRunParamsBaseStream,
  options?: RequestOptions,
): AssistantStream {
  return AssistantStream.createThreadAssistantStream(body, resource, options);
}
