/** Runs of assistants: wait until they are finished, or listen to them. */

import type {
  Run,
  RunCreateParamsNonStreaming,
  RunRetrieveParams,
  RunSubmitToolOutputsParamsNonStreaming,
  Runs,
} from '../resources/beta/threads/runs/runs.js';
import type { RequestOptions } from '../internal/request-options.js';
import {
  AssistantStream,
  type RunCreateParamsBaseStream,
  type RunSubmitToolOutputsParamsStream,
} from '../lib/AssistantStream.js';
import { polled, type PollOptions } from './polling.js';

/** A run that is finished, or that waits for the caller. */
const FINAL = ['requires_action', 'incomplete', 'cancelled', 'completed', 'failed', 'expired'];

/** Starts a run and waits until it is finished or needs something. */
export async function createAndPoll(
  resource: Runs,
  threadId: string,
  body: RunCreateParamsNonStreaming,
  options?: PollOptions,
): Promise<Run> {
  const run = await resource.create(threadId, body, options);
  return poll(resource, run.id, { thread_id: threadId }, options);
}

/** Waits until a run is finished or needs something. */
export function poll(
  resource: Pick<Runs, 'retrieve'>,
  runId: string,
  params: RunRetrieveParams,
  options?: PollOptions,
): Promise<Run> {
  return polled((headers) => resource.retrieve(runId, params, { ...options, headers }), FINAL, options);
}

/** Gives a run what it asked for and waits until it is finished or needs something else. */
export async function submitToolOutputsAndPoll(
  resource: Runs,
  runId: string,
  params: RunSubmitToolOutputsParamsNonStreaming,
  options?: PollOptions,
): Promise<Run> {
  const run = await resource.submitToolOutputs(runId, params, options);
  return poll(resource, run.id, { thread_id: params.thread_id }, options);
}

/** Starts a run, and tells what happens. */
export function stream(
  resource: Runs,
  threadId: string,
  body: RunCreateParamsBaseStream,
  options?: RequestOptions,
): AssistantStream {
  return AssistantStream.createAssistantStream(threadId, resource, body, options);
}

/** Gives a run what it asked for, and tells what happens. */
export function submitToolOutputsStream(
  resource: Runs,
  runId: string,
  params: RunSubmitToolOutputsParamsStream,
  options?: RequestOptions,
): AssistantStream {
  return AssistantStream.createToolAssistantStream(runId, resource, params, options);
}
