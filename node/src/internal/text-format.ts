/** The text format that a request of the Responses API asks for. */

import type { ResponseParserTextFormat } from '../lib/ResponsesParser.js';

interface Request {
  text?: { format?: ResponseParserTextFormat } | null;
  input?: unknown;
}

/** An item of a history; a `configuration_update` may change the format. */
interface HistoryItem {
  type?: string;
  text?: { format?: ResponseParserTextFormat } | null;
}

/** The text format of a request body: the one that its history sets last, or the one of the request. */
export function textFormatOf(body: unknown): ResponseParserTextFormat {
  const { text, input } = (typeof body === 'object' && body !== null ? body : {}) as Request;
  const history = Array.isArray(input) ? (input as (HistoryItem | null)[]) : [];
  const updates = history.filter((item) => item?.type === 'configuration_update' && item.text?.format);
  return updates.at(-1)?.text?.format ?? text?.format ?? null;
}
