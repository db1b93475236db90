/** Going on from a checkpoint: what has to be as it was. */

import type { ResponsesRunnerCheckpoint, ResponsesRunnerLedger } from '../../helpers/responses-tool-runner.js';
import type { ResponseInputItem } from '../../resources/responses/responses.js';
import { detached } from '../detached.js';
import { doneCalls } from './history.js';
import type { Item } from './inspection.js';
import type { RunIdentity } from './ledger.js';
import { sameJson } from './same-json.js';

const FIELDS: readonly (keyof ResponsesRunnerCheckpoint)[] = [
  'version',
  'run_id',
  'revision',
  'phase',
  'max_steps',
  'consumed_requests',
  'tools',
  'output_override_names',
  'history',
  'attempted_call_ids',
  'returned_call_ids',
  'pending_items',
  'returned_outputs',
  'final_response',
];

/** @throws {TypeError} It has other fields than a checkpoint. */
export function ownCheckpoint(checkpoint: ResponsesRunnerCheckpoint): ResponsesRunnerCheckpoint {
  const names = typeof checkpoint === 'object' ? Object.keys(checkpoint) : [];
  if (names.length !== FIELDS.length || !FIELDS.every((name) => names.includes(name))) {
    throw new TypeError('Resume requires the exact current checkpoint fields.');
  }
  return detached(checkpoint);
}

/**
 * Looks at a checkpoint with nothing under way, and at what is new since.
 *
 * @param functions - The names of the functions of the runner.
 * @param fresh - What the user says now.
 * @throws {TypeError} It is none to go on from, or the run was another one.
 */
export function checkResume(
  checkpoint: ResponsesRunnerCheckpoint,
  { runId }: ResponsesRunnerLedger,
  identity: RunIdentity,
  functions: ReadonlyMap<string, unknown>,
  fresh: ResponseInputItem[],
): void {
  const { version, run_id, revision, phase, consumed_requests: used, max_steps, history } = checkpoint;
  const isCounted = isCount(revision) && isCount(used) && used <= max_steps;
  if (version !== 1 || typeof run_id !== 'string' || phase !== 'boundary' || !isCounted) {
    throw new TypeError('Invalid or unresolved ledger boundary.');
  }
  if (!isSettled(checkpoint) || !sameJson(checkpoint.output_override_names, identity.output_override_names)) {
    throw new TypeError('Ledger registry or receipts have changed.');
  }
  const calls = checkLedgerHistory(history);
  for (const { kind, name = '' } of calls) {
    if (kind === 'function_call' && !functions.has(name)) throw new TypeError('Ledger history contains an unregistered function.');
  }
  const resolved = new Set([...calls.map(({ id }) => id), ...approvals(history)]);
  if (!checkpoint.returned_call_ids.every((id) => resolved.has(id))) {
    throw new TypeError('Ledger receipts have unresolved calls.');
  }
  const isSame = run_id === runId && revision > 0 && max_steps === identity.max_steps && sameJson(checkpoint.tools, identity.tools);
  if (!isSame || fresh.length === 0 || !(fresh as Item[]).every(isSaid)) {
    throw new TypeError('A resume needs matching identity/budget and a fresh input.');
  }
}

/** The calls of a history from which another run could go on. @throws {TypeError} A call has no output, or an item is none. */
export function checkLedgerHistory(history: ResponseInputItem[]): ReturnType<typeof doneCalls> {
  if (!(history as unknown[]).every((item) => typeof item === 'object' && item !== null)) {
    throw new TypeError('Ledger history must contain native input items.');
  }
  try {
    return doneCalls(history);
  } catch (cause) {
    throw new TypeError('Ledger history has unresolved calls.', { cause });
  }
}

function approvals(history: ResponseInputItem[]): string[] {
  const given = history.filter((item) => item.type === 'mcp_approval_response');
  return given.map(({ approval_request_id }) => approval_request_id);
}

/** Whether every call that was begun has ended, and nothing is under way. */
function isSettled(checkpoint: ResponsesRunnerCheckpoint): boolean {
  const { attempted_call_ids: attempted, returned_call_ids: returned, pending_items, returned_outputs } = checkpoint;
  const lists: unknown[] = [attempted, returned, pending_items, returned_outputs, checkpoint.history, checkpoint.output_override_names];
  if (!lists.every(Array.isArray) || checkpoint.final_response !== null) return false;
  if (pending_items.length > 0 || returned_outputs.length > 0) return false;
  const ended = new Set(returned);
  const isText = [...attempted, ...returned].every((id) => typeof id === 'string');
  const isUnique = ended.size === returned.length && new Set(attempted).size === attempted.length;
  return isText && isUnique && attempted.length === returned.length && attempted.every((id) => ended.has(id));
}

/** Whether an item is something that the user says. */
function isSaid(item: Item): boolean {
  const { type = 'message', role, content } = item;
  const isText = typeof content === 'string' ? content !== '' : Array.isArray(content) && content.length > 0;
  return type === 'message' && role === 'user' && isText;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
