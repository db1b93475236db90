/** Tools that run until the model has its answer, with answers as they come. */

import {
  type ChatCompletionChunk,
  type ChatCompletionCreateParams,
  type ChatCompletionCreateParamsStreaming,
  type ChatCompletionMessageParam,
} from '../resources/chat/completions.js';
import { type AbstractChatCompletionRunnerEvents, type RunnerOptions } from './AbstractChatCompletionRunner.js';
import { type ReadableStream } from '../internal/shim-types.js';
import { type BaseFunctionsArgs, type RunnableTools } from './RunnableFunction.js';
import {
  type ChatCompletionReadableStreamItem,
  type ChatCompletionSnapshot,
  ChatCompletionStream,
  makeChatCompletionReadableStreamMessageChunk,
} from './ChatCompletionStream.js';
import type OpenAI from '../index.js';
import { type AutoParseableTool } from '../lib/parser.js';
import { Stream } from '../core/streaming.js';
import { withHelperMethod } from '../internal/structured/helper-method.js';
import { isAssistantMessage, isToolMessage } from './chatCompletionUtils.js';

export interface ChatCompletionStreamEvents extends AbstractChatCompletionRunnerEvents {
  content: (contentDelta: string, contentSnapshot: string) => void;
  chunk: (chunk: ChatCompletionChunk, snapshot: ChatCompletionSnapshot) => void;
}

type ChatCompletionStreamingToolRunnerParamsBase = Omit<ChatCompletionCreateParamsStreaming, 'tools'>;

export type ChatCompletionStreamingToolRunnerParamsWithoutContext<FunctionsArgs extends BaseFunctionsArgs> =
  ChatCompletionStreamingToolRunnerParamsBase & {
    tools: RunnableTools<FunctionsArgs> | AutoParseableTool<any, true>[];
    toolContext?: never;
  };

export type ChatCompletionStreamingToolRunnerParamsWithContext<
  FunctionsArgs extends BaseFunctionsArgs,
  ToolContext,
> = ChatCompletionStreamingToolRunnerParamsBase & {
  tools: RunnableTools<FunctionsArgs, ToolContext> | AutoParseableTool<any, true>[];
  toolContext: ToolContext;
};

export type ChatCompletionStreamingToolRunnerParams<FunctionsArgs extends BaseFunctionsArgs, ToolContext = never> = [
  ToolContext,
] extends [never]
  ? ChatCompletionStreamingToolRunnerParamsWithoutContext<FunctionsArgs>
  : ChatCompletionStreamingToolRunnerParamsWithContext<FunctionsArgs, ToolContext>;

/** A conversation that calls functions and goes on until the model has its answer; every answer is streamed. */
export class ChatCompletionStreamingRunner<ParsedT = null>
  extends ChatCompletionStream<ParsedT>
  implements AsyncIterable<ChatCompletionChunk>
{
  /** A run over what {@link ChatCompletionStreamingRunner.toReadableStream} wrote, perhaps elsewhere. */
  static override fromReadableStream(stream: ReadableStream): ChatCompletionStreamingRunner<null> {
    const runner = new ChatCompletionStreamingRunner<null>(null);
    runner._run(() => runner._fromReadableStream(stream));
    return runner;
  }

  /** The chunks, and what tools answered, as newline-delimited JSON in UTF-8; cancelling it aborts the run. */
  override toReadableStream(): ReadableStream {
    return new Stream(() => this.#items(), this.controller).toReadableStream();
  }

  #items(): AsyncIterator<ChatCompletionReadableStreamItem> {
    const attach = (push: (item: ChatCompletionReadableStreamItem) => void) => {
      let last: ChatCompletionChunk | undefined;
      // The first message after an answer names its calls for all of them.
      let isTold = false;
      const onChunk = (chunk: ChatCompletionChunk) => {
        isTold = false;
        push((last = chunk));
      };
      const onMessage = (message: ChatCompletionMessageParam) => {
        if (last === undefined || !isToolMessage(message)) return;
        const calls = isTold ? undefined : this.messages.findLast(isAssistantMessage)?.tool_calls;
        isTold = true;
        push(makeChatCompletionReadableStreamMessageChunk(last, message, calls?.map(({ id }) => id)));
      };
      this.on('chunk', onChunk);
      this.on('message', onMessage);
      return () => {
        this.off('chunk', onChunk);
        this.off('message', onMessage);
      };
    };
    return this._createIterator(attach, { onReturn: () => this.abort() });
  }

  /** Begins one; it runs once the caller had time to add listeners. */
  static runTools<T extends (string | object)[], ParsedT = null, ToolContext = unknown>(
    client: OpenAI,
    params: ChatCompletionStreamingToolRunnerParamsWithContext<T, ToolContext>,
    options?: RunnerOptions,
  ): ChatCompletionStreamingRunner<ParsedT>;
  static runTools<T extends (string | object)[], ParsedT = null>(
    client: OpenAI,
    params: ChatCompletionStreamingToolRunnerParamsWithoutContext<T>,
    options?: RunnerOptions,
  ): ChatCompletionStreamingRunner<ParsedT>;
  static runTools<T extends (string | object)[], ParsedT = null>(
    client: OpenAI,
    params: ChatCompletionStreamingToolRunnerParamsWithoutContext<T>,
    options?: RunnerOptions,
  ): ChatCompletionStreamingRunner<ParsedT> {
    const runner = new ChatCompletionStreamingRunner<ParsedT>(params as unknown as ChatCompletionCreateParams);
    const told = { ...options, headers: withHelperMethod(options?.headers, 'runTools') };
    runner._run(() => runner._runTools(client, params, runner, told));
    return runner;
  }
}
