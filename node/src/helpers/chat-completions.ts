/** Chat completions that are parsed, streamed with events, or run tools. */

import type { APIPromise } from '../core/api-promise.js';
import { OpenAIError, type SchemaViolationError } from '../core/error.js';
import type { RequestOptions } from '../internal/request-options.js';
import { firstValid, strictnessOf } from '../internal/structured/attempts.js';
import { correctedMessages, schemaOfFormat, violationInCompletion } from '../internal/structured/chat-guards.js';
import { withHelperMethod } from '../internal/structured/helper-method.js';
import type { RunnerOptions } from '../lib/AbstractChatCompletionRunner.js';
import { ChatCompletionRunner } from '../lib/ChatCompletionRunner.js';
import { ChatCompletionStream, type ChatCompletionStreamParams } from '../lib/ChatCompletionStream.js';
import { ChatCompletionStreamingRunner } from '../lib/ChatCompletionStreamingRunner.js';
import { parseChatCompletion, validateInputTools } from '../lib/parser.js';
import type {
  ChatCompletion,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
  ChatCompletionParseParams,
  Completions,
  ParsedChatCompletion,
} from '../resources/chat/completions/completions.js';
import { clientOf } from './owner.js';

/** Asks for a completion and parses it; with `onInvalid: 'retry'` again while an answer does not fit its schema. */
export function parse<ParsedT>(
  resource: Completions,
  body: ChatCompletionParseParams,
  options?: RequestOptions,
): APIPromise<ParsedChatCompletion<ParsedT>> {
  validateInputTools(body.tools);
  const { strictness, rest } = strictnessOf(options, schemaOfFormat(body.response_format));
  const headers = withHelperMethod(rest.headers, 'chat.completions.parse');
  const ask = (messages: ChatCompletionMessageParam[]) =>
    resource.create({ ...body, messages } as ChatCompletionCreateParamsNonStreaming, { ...rest, headers }) as APIPromise<ChatCompletion>;
  const parsed = (completion: ChatCompletion) => parseChatCompletion<ChatCompletionParseParams, ParsedT>(completion, body);
  if (strictness === undefined) return ask(body.messages)._thenUnwrap(parsed);
  let { messages } = body;
  const askAgain = (violation: SchemaViolationError) => ask((messages = correctedMessages(messages, violation)));
  const valid = async (first: ChatCompletion) => parsed(await firstValid(first, strictness, violationInCompletion, askAgain));
  return ask(body.messages)._thenUnwrap(valid) as APIPromise<unknown> as APIPromise<ParsedChatCompletion<ParsedT>>;
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
  if (options?.onInvalid !== undefined) throw new OpenAIError('`onInvalid` is an option of `parse` and `stream`; a run of tools has none.');
  if (body.stream) return ChatCompletionStreamingRunner.runTools(client, body as never, options);
  return ChatCompletionRunner.runTools(client, body as never, options);
}
