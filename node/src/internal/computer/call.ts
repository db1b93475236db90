/** Calls of a computer, looked at before anything is done. */

import { OpenAIError } from '../../core/error.js';
import type { ComputerCallInput } from '../../helpers/computer.js';
import type { ComputerAction, ResponseComputerToolCall } from '../../resources/responses/responses.js';
import { detached } from '../detached.js';

type Members = Record<string, unknown>;
type Test = (value: unknown) => boolean;

const isInteger: Test = (value) => Number.isInteger(value);
const isText: Test = (value) => typeof value === 'string';
const isKeys: Test = (value) => Array.isArray(value) && value.every(isText);
const isPoint: Test = (value) => isMembers(value) && isInteger(value.x) && isInteger(value.y);
const isPath: Test = (value) => Array.isArray(value) && value.every(isPoint);
const isOptionalText: Test = (value) => value === undefined || value === null || isText(value);

const BUTTONS: readonly unknown[] = ['left', 'right', 'wheel', 'back', 'forward'];
const PLACE = { x: isInteger, y: isInteger };

/** What each action has to say. */
const ACTIONS: Record<ComputerAction['type'], Record<string, Test>> = {
  click: { ...PLACE, button: (value) => BUTTONS.includes(value) },
  double_click: PLACE,
  drag: { path: isPath },
  keypress: { keys: isKeys },
  move: PLACE,
  screenshot: {},
  scroll: { ...PLACE, scroll_x: isInteger, scroll_y: isInteger },
  type: { text: isText },
  wait: {},
};

/** The names of all actions, which are those of a driver's methods. */
export const ACTION_NAMES = Object.keys(ACTIONS) as ComputerAction['type'][];

/**
 * A copy of a call that can be acted upon.
 *
 * @throws {OpenAIError} It is not whole, has no action, or one that is none.
 */
export function ownCall<T extends ComputerCallInput>(call: T): T {
  if (typeof call !== 'object' || call === null || Array.isArray(call)) refuseCall(call);
  const own = detached(call) as unknown as Members;
  const { type, status, id, call_id, action, actions, pending_safety_checks: checks } = own;
  const isWhole = type === 'computer_call' && status === 'completed' && isText(id) && isText(call_id);
  const isOld = actions === undefined;
  if (!isWhole || isOld === (action === undefined)) refuseCall(call);
  if (!(checks === undefined && !isOld) && !(Array.isArray(checks) && checks.every(isCheck))) {
    throw new OpenAIError('ComputerToolset requires valid pending safety checks before execution.');
  }
  const all = isOld ? [action] : actions;
  if (!Array.isArray(all) || all.length === 0) {
    throw new OpenAIError('ComputerToolset requires at least one computer action.');
  }
  if (!all.every(isAction)) throw new OpenAIError('ComputerToolset received an invalid computer action.');
  for (const each of all as Members[]) if (each.type === 'double_click') each.keys ??= null;
  return own as unknown as T;
}

/** The actions of a call that was looked at. */
export function actionsOf({ action, actions }: ComputerCallInput): ComputerAction[] {
  return actions ?? [action as ComputerAction];
}

/** The same with a list of checks, as those get it who decide about it. */
export function wholeCall(call: ComputerCallInput): ResponseComputerToolCall {
  return { ...detached(call), pending_safety_checks: detached(call.pending_safety_checks ?? []) } as ResponseComputerToolCall;
}

function refuseCall(call: unknown): never {
  const what = Array.isArray(call) ? 'a call object' : 'a completed call with exactly one of action or actions';
  throw new OpenAIError(`ComputerToolset requires ${what}.`);
}

function isCheck(check: unknown): boolean {
  return isMembers(check) && isText(check.id) && isOptionalText(check.code) && isOptionalText(check.message);
}

function isAction(action: unknown): boolean {
  if (!isMembers(action) || !isText(action.type) || !Object.hasOwn(ACTIONS, action.type as string)) return false;
  const tests = ACTIONS[action.type as ComputerAction['type']];
  const hasKeys = action.keys === undefined || action.keys === null || isKeys(action.keys);
  return hasKeys && Object.entries(tests).every(([name, test]) => test(action[name]));
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
