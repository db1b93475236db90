/** Part of the tool runners: by name and type only. */

import { type ChatCompletionChunk, type ChatCompletionCreateParamsStreaming } from '../resources/chat/completions.js';
import { type AbstractChatCompletionRunnerEvents, type RunnerOptions } from './AbstractChatCompletionRunner.js';
import { type ReadableStream } from '../internal/shim-types.js';
import { type BaseFunctionsArgs, type RunnableTools } from './RunnableFunction.js';
import { ChatCompletionStream } from './ChatCompletionStream.js';
import { type ChatCompletionSnapshot } from './ChatCompletionStream.js';
import type OpenAI from '../index.js';
import { type AutoParseableTool } from '../lib/parser.js';
import { later } from '../internal/later.js';

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

/** It needs the tool runners, which tailrace does not have yet: making one throws an OpenAIError. */
export class ChatCompletionStreamingRunner<ParsedT = null>
  extends ChatCompletionStream<ParsedT>
  implements AsyncIterable<ChatCompletionChunk>
{
  static override fromReadableStream(stream: ReadableStream): ChatCompletionStreamingRunner<null>;
  static override fromReadableStream(): never {
    throw later('ChatCompletionStreamingRunner.fromReadableStream', 'the tool runners');
  }
  override toReadableStream(): ReadableStream;
  override toReadableStream(): never {
    throw later('ChatCompletionStreamingRunner.toReadableStream', 'the tool runners');
  }
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
  static runTools(): never {
    throw later('ChatCompletionStreamingRunner.runTools', 'the tool runners');
  }
}
