/** Chat completions that are parsed, streamed with events, or run tools. */

import type { APIPromise } from '../core/api-promise.js';
import type { RequestOptions } from '../internal/request-options.js';
import { withHelperMethod } from '../internal/structured/helper-method.js';
import type { RunnerOptions } from '../lib/AbstractChatCompletionRunner.js';
import { ChatCompletionRunner } from '../lib/ChatCompletionRunner.js';
import { ChatCompletionStream, type ChatCompletionStreamParams } from '../lib/ChatCompletionStream.js';
import { ChatCompletionStreamingRunner } from '../lib/ChatCompletionStreamingRunner.js';
import { parseChatCompletion, validateInputTools } from '../lib/parser.js';
import type {
  ChatCompletion,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionParseParams,
  Completions,
  ParsedChatCompletion,
} from '../resources/chat/completions/completions.js';
import { clientOf } from './owner.js';

/** Asks for a completion and parses it. */
export function parse<ParsedT>(
  resource: Completions,
  body: ChatCompletionParseParams,
  options?: RequestOptions,
): APIPromise<ParsedChatCompletion<ParsedT>> {
  validateInputTools(body.tools);
  const headers = withHelperMethod(options?.headers, 'chat.completions.parse');
  const answer = resource.create(body as ChatCompletionCreateParamsNonStreaming, { ...options, headers });
  return (answer as APIPromise<ChatCompletion>)._thenUnwrap((completion) =>
    parseChatCompletion<ChatCompletionParseParams, ParsedT>(completion, body),
  );
}

/** Asks for a streamed completion. */
export function stream<ParsedT>(
  resource: Completions,
  body: ChatCompletionStreamParams,
  options?: RequestOptions,
): ChatCompletionStream<ParsedT> {
  return ChatCompletionStream.createChatCompletion(clientOf(resource), body, options);
}

/** Runs tools; with `stream: true` the answers are streamed. */
export function runTools(
  resource: Completions,
  body: { stream?: boolean | null | undefined },
  options?: RunnerOptions,
): ChatCompletionRunner<any> | ChatCompletionStreamingRunner<any> {
  const client = clientOf(resource);
  if (body.stream) return ChatCompletionStreamingRunner.runTools(client, body as never, options);
  return ChatCompletionRunner.runTools(client, body as never, options);
}
