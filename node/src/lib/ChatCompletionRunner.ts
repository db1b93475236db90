/** Tools that run until the model has its answer, with whole answers. */

import {
  type ChatCompletionMessageParam,
  type ChatCompletionCreateParamsNonStreaming,
} from '../resources/chat/completions.js';
import { type BaseFunctionsArgs, type RunnableTools } from './RunnableFunction.js';
import { type AbstractChatCompletionRunnerEvents, type RunnerOptions } from './AbstractChatCompletionRunner.js';
import { AbstractChatCompletionRunner } from './AbstractChatCompletionRunner.js';
import type OpenAI from '../index.js';
import { type AutoParseableTool } from '../lib/parser.js';
import { withHelperMethod } from '../internal/structured/helper-method.js';
import { isAssistantMessage } from './chatCompletionUtils.js';

export interface ChatCompletionRunnerEvents extends AbstractChatCompletionRunnerEvents {
  content: (content: string) => void;
}

type ChatCompletionToolRunnerParamsBase = Omit<ChatCompletionCreateParamsNonStreaming, 'tools'>;

export type ChatCompletionToolRunnerParamsWithoutContext<FunctionsArgs extends BaseFunctionsArgs> =
  ChatCompletionToolRunnerParamsBase & {
    tools: RunnableTools<FunctionsArgs> | AutoParseableTool<any, true>[];
    toolContext?: never;
  };

export type ChatCompletionToolRunnerParamsWithContext<
  FunctionsArgs extends BaseFunctionsArgs,
  ToolContext,
> = ChatCompletionToolRunnerParamsBase & {
  tools: RunnableTools<FunctionsArgs, ToolContext> | AutoParseableTool<any, true>[];
  toolContext: ToolContext;
};

export type ChatCompletionToolRunnerParams<FunctionsArgs extends BaseFunctionsArgs, ToolContext = never> = [
  ToolContext,
] extends [never]
  ? ChatCompletionToolRunnerParamsWithoutContext<FunctionsArgs>
  : ChatCompletionToolRunnerParamsWithContext<FunctionsArgs, ToolContext>;

/** A conversation that calls functions and goes on until the model has its answer. */
export class ChatCompletionRunner<ParsedT = null> extends AbstractChatCompletionRunner<
  ChatCompletionRunnerEvents,
  ParsedT
> {
  /** Begins one; it runs once the caller had time to add listeners. */
  static runTools<ParsedT, ToolContext = unknown>(
    client: OpenAI,
    params: ChatCompletionToolRunnerParamsWithContext<any[], ToolContext>,
    options?: RunnerOptions,
  ): ChatCompletionRunner<ParsedT>;
  static runTools<ParsedT>(
    client: OpenAI,
    params: ChatCompletionToolRunnerParamsWithoutContext<any[]>,
    options?: RunnerOptions,
  ): ChatCompletionRunner<ParsedT>;
  static runTools<ParsedT>(
    client: OpenAI,
    params: ChatCompletionToolRunnerParamsWithoutContext<any[]>,
    options?: RunnerOptions,
  ): ChatCompletionRunner<ParsedT> {
    const runner = new ChatCompletionRunner<ParsedT>();
    const told = { ...options, headers: withHelperMethod(options?.headers, 'runTools') };
    runner._run(() => runner._runTools(client, params, runner, told));
    return runner;
  }

  /** Adds a message to the conversation, and tells the text of one by the assistant. */
  // Without a `this` of its own: comparing that with the base's would cost every compiler that checks declarations more
  // than a thousand instantiations.
  override _addMessage(
    message: ChatCompletionMessageParam,
    emit: boolean = true,
    normalizeContent: boolean = true,
  ): void {
    super._addMessage(message, emit, normalizeContent);
    if (emit && isAssistantMessage(message) && message.content) this._emit('content', message.content as string);
  }
}
