/** Items of a response, made fit to be sent back. */

import { OUTPUT_ITEMS } from '../../internal/output-items.js';
import { type ResponseInputItem, type ResponseOutputItem } from '../../resources/responses/responses.js';

export type ResponseInputItemLike = ResponseInputItem | ResponseOutputItem;

/** Types of items that a request takes. */
const TYPES: ReadonlySet<unknown> = new Set([...OUTPUT_ITEMS, 'compaction_trigger', 'configuration_update', 'item_reference']);

/**
 * The items of a history as a request takes them; those that cannot be sent back are left out.
 *
 * @throws {TypeError} An item is of an unknown type.
 */
export function toResponseInputItems(items: Iterable<ResponseInputItemLike>): ResponseInputItem[] {
  const fit: ResponseInputItem[] = [];
  for (const item of items) {
    const one = toResponseInputItem(item);
    if (one !== null) fit.push(one);
  }
  return fit;
}

/** An item as it is read here. */
interface Item {
  type?: unknown;
  role?: unknown;
  status?: unknown;
  content?: unknown;
  output?: unknown;
  created_by?: unknown;
  parsed_arguments?: unknown;
}

/**
 * A copy of an item as a request takes it, without what only an answer or a helper gives it.
 *
 * @returns `null` for an item that means something else in a request.
 * @throws {TypeError} The item is of an unknown type.
 */
export function toResponseInputItem(item: ResponseInputItemLike): ResponseInputItem | null {
  const fit = item as Item;
  const type = fit.type;
  if (type !== undefined && type !== null && !TYPES.has(type)) {
    throw new TypeError(`Unsupported response item type: ${String(type)}`);
  }
  if (isLocked(fit)) return null;
  const rest = 'created_by' in fit ? without(fit, 'created_by') : fit;
  return fitted(rest) as unknown as ResponseInputItem;
}

/** Whether an item says in a request something else than it did in the answer. */
function isLocked(item: Item): boolean {
  if (item.type === 'additional_tools') return item.role !== 'developer';
  if (item.type === 'computer_call_output') return item.status === 'failed';
  return item.type === 'custom_tool_call_output' && 'status' in item && item.status !== 'completed';
}

function fitted(item: Item): Item {
  if (item.type === 'function_call' && 'parsed_arguments' in item) return without(item, 'parsed_arguments');
  if (item.type === 'custom_tool_call_output' && 'status' in item) return without(item, 'status');
  if (item.type === 'message' && item.role === 'assistant' && Array.isArray(item.content)) {
    return { ...item, content: (item.content as object[]).map((part) => without(part, 'parsed')) };
  }
  if (item.type === 'shell_call_output') {
    return { ...item, output: (item.output as object[]).map((part) => without(part, 'created_by')) };
  }
  return item;
}

function without<T extends object>(value: T, name: string): T {
  const copy = { ...value } as Record<string, unknown>;
  delete copy[name];
  return copy as T;
}
