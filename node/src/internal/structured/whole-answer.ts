/** What a whole answer is worth: whether it was finished, and its texts as values. */

import { ContentFilterFinishReasonError, LengthFinishReasonError } from '../../core/error.js';
import { isAutoParsableTool, isChatCompletionFunctionTool } from '../../lib/parser.js';
import type {
  ChatCompletionCreateParams,
  ChatCompletionFunctionTool,
} from '../../resources/chat/completions/completions.js';

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
    (tool): tool is ChatCompletionFunctionTool => isChatCompletionFunctionTool(tool) && tool.function?.name === name,
  );
}

/**
 * Arguments as their tool says: by the parser it carries, as JSON when it is strict, else not, which is `null`.
 *
 * @throws {SyntaxError} They are no JSON; a parser throws what it wants.
 */
export function parsedArguments(tool: ChatCompletionFunctionTool | undefined, text: string): unknown {
  if (tool === undefined) return null;
  if (isAutoParsableTool(tool)) return tool.$parseRaw(text);
  return tool.function.strict ? parsedJson(text) : null;
}

/**
 * Reads JSON. The error names nothing of the text, which is what a model said to a user.
 *
 * @throws {SyntaxError} It is none.
 */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError('Error reading response: invalid structured output JSON.');
  }
}
