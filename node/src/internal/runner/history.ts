/** What a history may hold of which a runner leaves things out. */

import type { ResponseInputItem } from '../../resources/responses/responses.js';
import { isServerItem, type Item } from './inspection.js';
import { isOutput } from './outputs.js';

/** A call that is done here, with the place of its output in the history. */
export interface DoneCall {
  id: string;
  kind: 'function_call' | 'computer_call';
  name: string | undefined;
  place: number;
  outputPlace: number;
}

const MESSAGE = 'The history holds a message that cannot be sent again.';
const ROLES: ReadonlySet<unknown> = new Set(['user', 'assistant', 'system', 'developer']);
const KEPT: ReadonlySet<unknown> = new Set(['reasoning', 'compaction', 'item_reference', 'mcp_approval_response']);

/**
 * The calls of a history, in its order.
 *
 * @throws {TypeError} An item is of a kind that a runner does not know, or a call and its output are not both there.
 */
export function doneCalls(history: ResponseInputItem[]): DoneCall[] {
  const calls = new Map<string, Omit<DoneCall, 'outputPlace'> & { outputPlace?: number }>();
  for (const [place, item] of (history as (Item & { output?: unknown })[]).entries()) {
    const { type = 'message', call_id: id = '', name } = item;
    if (type === 'message') checkMessage(item);
    else if (type === 'function_call' || type === 'computer_call') {
      if (id === '' || calls.has(id)) throw new TypeError('The history holds a call whose id is not its own.');
      calls.set(id, { id, kind: type, name, place });
    } else if (type === 'function_call_output' || type === 'computer_call_output') {
      const call = calls.get(id);
      if (call?.kind !== type.replace('_output', '') || call.outputPlace !== undefined) {
        throw new TypeError('The history holds an output without its call.');
      }
      if (type === 'function_call_output' && !isOutput(item.output)) throw new TypeError('The history holds an output that is none.');
      call.outputPlace = place;
    } else if (!KEPT.has(type) && !isServerItem(type)) throw new TypeError('The history holds an item of an unknown kind.');
  }
  const all = [...calls.values()];
  if (all.some(({ outputPlace }) => outputPlace === undefined)) throw new TypeError('The history holds a call without its output.');
  return all as DoneCall[];
}

function checkMessage({ role, content }: Item): void {
  if (!ROLES.has(role)) throw new TypeError(MESSAGE);
  if (typeof content === 'string') return;
  if (!Array.isArray(content)) throw new TypeError(MESSAGE);
  for (const { type, text, detail } of content as { type?: unknown; text?: unknown; detail?: unknown }[]) {
    const isText = type === 'input_text' || type === 'output_text';
    if (isText ? typeof text !== 'string' : type === 'input_image' ? typeof detail !== 'string' : typeof type !== 'string') {
      throw new TypeError(MESSAGE);
    }
  }
}
