/** Part of the stream helpers: by name and type only. */

import { type ResponseInputItem, type ResponseOutputItem } from '../../resources/responses/responses.js';
import { later } from '../../internal/later.js';

export type ResponseInputItemLike = ResponseInputItem | ResponseOutputItem;

export function toResponseInputItems(items: Iterable<ResponseInputItemLike>): ResponseInputItem[];
export function toResponseInputItems(): never {
  throw later('toResponseInputItems', 'the stream helpers');
}

export function toResponseInputItem(item: ResponseInputItemLike): ResponseInputItem | null;
export function toResponseInputItem(): never {
  throw later('toResponseInputItem', 'the stream helpers');
}
