/** What a whole answer is worth: whether it was finished, and its texts as values. */

import { ContentFilterFinishReasonError, LengthFinishReasonError } from '../../core/error.js';
import type { AutoParseableTool } from '../../lib/parser.js';
import type {
  ChatCompletionCreateParams,
  ChatCompletionFunctionTool,
  ChatCompletionTool,
} from '../../resources/chat/completions/completions.js';
import { parsedJson } from './json-answer.js';
import { carriesParser } from './parseable.js';

/**
 * Refuses an answer that was cut.
 *
 * @throws {LengthFinishReasonError} It ended at the token limit.
 * @throws {ContentFilterFinishReasonError} It ended by the content filter.
 */
export function refuseUnfinished(reason: string | null | undefined): void {
  if (reason === 'length') throw new LengthFinishReasonError();
  if (reason === 'content_filter') throw new ContentFilterFinishReasonError();
}

/** The function that a call names, as the request has it. */
export function toolOf(
  params: ChatCompletionCreateParams | null | undefined,
  call: { type?: string; function?: { name?: string } },
): ChatCompletionFunctionTool | undefined {
  if (call.type !== 'function' || !call.function) return undefined;
  const { name } = call.function;
  return params?.tools?.find(
    (tool): tool is ChatCompletionFunctionTool => 'function' in tool && tool.function?.name === name,
  );
}

/** Whether the arguments of calls of a tool are parsed: it carries a parser, or is strict. */
export function isParsedTool(tool: ChatCompletionTool): boolean {
  return carriesParser(tool, 'auto-parseable-tool') || ('function' in tool && tool.function?.strict === true);
}

/**
 * Arguments as their tool says: by the parser it carries, as JSON when it is strict, else not, which is `null`.
 *
 * @throws {SyntaxError} They are no JSON; a parser throws what it wants.
 */
export function parsedArguments(tool: ChatCompletionFunctionTool | undefined, text: string): unknown {
  if (tool === undefined || !isParsedTool(tool)) return null;
  const { $parseRaw: parser } = tool as Partial<AutoParseableTool<any>>;
  return parser === undefined ? parsedJson(text) : parser(text);
}
