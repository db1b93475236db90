/** Ids of tool calls, for answers of servers that give none: an outcome must name its call. */

import { randomUUID } from 'node:crypto';

/** A new one. */
export function newCallId(): string {
  return `call_${randomUUID()}`;
}
