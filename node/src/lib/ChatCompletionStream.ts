/** Part of the stream helpers: by name and type only. */

import type OpenAI from '../index.js';
import { type RequestOptions } from '../internal/request-options.js';
import { type ReadableStream } from '../internal/shim-types.js';
import { type ParsedChatCompletion } from '../resources/chat/completions.js';
import {
  type ChatCompletionAudio,
  type ChatCompletion,
  type ChatCompletionChunk,
  type ChatCompletionCreateParams,
  type ChatCompletionCreateParamsBase,
  type ChatCompletionMessageParam,
  type ChatCompletionRole,
  type ChatCompletionTokenLogprob,
} from '../resources/chat/completions/completions.js';
import { type ChatCompletionWireChunk } from './chat-completions/streaming.js';
import { AbstractChatCompletionRunner } from './AbstractChatCompletionRunner.js';
import { type AbstractChatCompletionRunnerEvents, type RunnerOptions } from './AbstractChatCompletionRunner.js';
import {
  type ChatCompletionRunner,
  type ChatCompletionToolRunnerParamsWithContext,
  type ChatCompletionToolRunnerParamsWithoutContext,
} from './ChatCompletionRunner.js';
import {
  type ChatCompletionStreamingRunner,
  type ChatCompletionStreamingToolRunnerParamsWithContext,
  type ChatCompletionStreamingToolRunnerParamsWithoutContext,
} from './ChatCompletionStreamingRunner.js';
import { type BaseFunctionsArgs } from './RunnableFunction.js';
import { later } from '../internal/later.js';

export interface ContentDeltaEvent {
  delta: string;
  snapshot: string;
  parsed: unknown | null;
}

export interface ContentDoneEvent<ParsedT = null> {
  content: string;
  parsed: ParsedT | null;
}

export interface RefusalDeltaEvent {
  delta: string;
  snapshot: string;
}

export interface RefusalDoneEvent {
  refusal: string;
}

export interface FunctionToolCallArgumentsDeltaEvent {
  name: string;
  index: number;
  arguments: string;
  parsed_arguments: unknown;
  arguments_delta: string;
}

export interface FunctionToolCallArgumentsDoneEvent {
  name: string;
  index: number;
  arguments: string;
  parsed_arguments: unknown;
}

export interface LogProbsContentDeltaEvent {
  content: ChatCompletionTokenLogprob[];
  snapshot: ChatCompletionTokenLogprob[];
}

export interface LogProbsContentDoneEvent {
  content: ChatCompletionTokenLogprob[];
}

export interface LogProbsRefusalDeltaEvent {
  refusal: ChatCompletionTokenLogprob[];
  snapshot: ChatCompletionTokenLogprob[];
}

export interface LogProbsRefusalDoneEvent {
  refusal: ChatCompletionTokenLogprob[];
}

export interface ChatCompletionStreamEvents<ParsedT = null> extends AbstractChatCompletionRunnerEvents {
  content: (contentDelta: string, contentSnapshot: string) => void;
  chunk: (chunk: ChatCompletionChunk, snapshot: ChatCompletionSnapshot) => void;
  'content.delta': (props: ContentDeltaEvent) => void;
  'content.done': (props: ContentDoneEvent<ParsedT>) => void;
  'refusal.delta': (props: RefusalDeltaEvent) => void;
  'refusal.done': (props: RefusalDoneEvent) => void;
  'tool_calls.function.arguments.delta': (props: FunctionToolCallArgumentsDeltaEvent) => void;
  'tool_calls.function.arguments.done': (props: FunctionToolCallArgumentsDoneEvent) => void;
  'logprobs.content.delta': (props: LogProbsContentDeltaEvent) => void;
  'logprobs.content.done': (props: LogProbsContentDoneEvent) => void;
  'logprobs.refusal.delta': (props: LogProbsRefusalDeltaEvent) => void;
  'logprobs.refusal.done': (props: LogProbsRefusalDoneEvent) => void;
}

export type ChatCompletionStreamParams = Omit<ChatCompletionCreateParamsBase, 'stream'> & {
  stream?: true;
};

type ChatCompletionReadableStreamMessage = {
  type: 'message';
  message: ChatCompletionMessageParam;
  tool_call_ids?: string[];
};

const CHAT_COMPLETION_READABLE_STREAM_MESSAGE_PREFIX = 'chat.completion.chunk.message:';

type ChatCompletionReadableStreamMessageChunk = Pick<ChatCompletionChunk, 'id' | 'created' | 'model'> & {
  choices: [];
  object: `${typeof CHAT_COMPLETION_READABLE_STREAM_MESSAGE_PREFIX}${string}`;
};

export type ChatCompletionReadableStreamItem =
  ChatCompletionWireChunk | ChatCompletionReadableStreamMessage | ChatCompletionReadableStreamMessageChunk;

export function makeChatCompletionReadableStreamMessageChunk(
  chunk: ChatCompletionChunk,
  message: ChatCompletionMessageParam,
  toolCallIds?: string[],
): ChatCompletionReadableStreamMessageChunk;
export function makeChatCompletionReadableStreamMessageChunk(): never {
  throw later('makeChatCompletionReadableStreamMessageChunk', 'the stream helpers');
}

/** It needs the stream helpers, which tailrace does not have yet: making one throws an OpenAIError. */
export class ChatCompletionStream<ParsedT = null>
  extends AbstractChatCompletionRunner<ChatCompletionStreamEvents<ParsedT>, ParsedT>
  implements AsyncIterable<ChatCompletionChunk>
{
  constructor(params: ChatCompletionCreateParams | null);
  constructor(...values: any[]) {
    super(...(values as ConstructorParameters<typeof AbstractChatCompletionRunner>));
    throw later('ChatCompletionStream', 'the stream helpers');
  }
  get currentChatCompletionSnapshot(): ChatCompletionSnapshot | undefined {
    throw later('ChatCompletionStream.currentChatCompletionSnapshot', 'the stream helpers');
  }
  static fromReadableStream(stream: ReadableStream): ChatCompletionStream<null>;
  static fromReadableStream(): never {
    throw later('ChatCompletionStream.fromReadableStream', 'the stream helpers');
  }
  static createChatCompletion<ParsedT>(
    client: OpenAI,
    params: ChatCompletionStreamParams,
    options?: RequestOptions,
  ): ChatCompletionStream<ParsedT>;
  static createChatCompletion(): never {
    throw later('ChatCompletionStream.createChatCompletion', 'the stream helpers');
  }
  protected override _runTools<FunctionsArgs extends BaseFunctionsArgs, ToolContext>(
    client: OpenAI,
    params:
      | ChatCompletionToolRunnerParamsWithContext<FunctionsArgs, ToolContext>
      | ChatCompletionToolRunnerParamsWithoutContext<FunctionsArgs>
      | ChatCompletionStreamingToolRunnerParamsWithContext<FunctionsArgs, ToolContext>
      | ChatCompletionStreamingToolRunnerParamsWithoutContext<FunctionsArgs>,
    runner: ChatCompletionRunner<any> | ChatCompletionStreamingRunner<any>,
    options?: RunnerOptions,
  ): Promise<void>;
  protected override _runTools(): never {
    throw later('ChatCompletionStream._runTools', 'the stream helpers');
  }
  protected override _createChatCompletion(
    client: OpenAI,
    params: ChatCompletionCreateParams,
    options?: RequestOptions,
  ): Promise<ParsedChatCompletion<ParsedT>>;
  protected override _createChatCompletion(): never {
    throw later('ChatCompletionStream._createChatCompletion', 'the stream helpers');
  }
  protected _fromReadableStream(readableStream: ReadableStream, options?: RequestOptions): Promise<ChatCompletion>;
  protected _fromReadableStream(): never {
    throw later('ChatCompletionStream._fromReadableStream', 'the stream helpers');
  }
  [Symbol.asyncIterator](this: ChatCompletionStream<ParsedT>): AsyncIterator<ChatCompletionChunk>;
  [Symbol.asyncIterator](): never {
    throw later('ChatCompletionStream.Symbol.asyncIterator', 'the stream helpers');
  }
  toReadableStream(): ReadableStream;
  toReadableStream(): never {
    throw later('ChatCompletionStream.toReadableStream', 'the stream helpers');
  }
}

export interface ChatCompletionSnapshot {
  id: string;
  choices: ChatCompletionSnapshot.Choice[];
  created: number;
  model: string;
  system_fingerprint?: string;
}

export declare namespace ChatCompletionSnapshot {
  interface Choice {
    message: Choice.Message;
    finish_reason: ChatCompletion.Choice['finish_reason'] | null;
    logprobs: ChatCompletion.Choice.Logprobs | null;
    index: number;
  }
  namespace Choice {
    interface Message {
      content?: string | null;
      audio?: Partial<ChatCompletionAudio> | null;
      refusal?: string | null;
      parsed?: unknown | null;
      function_call?: Message.FunctionCall;
      tool_calls?: Message.ToolCall[];
      role?: ChatCompletionRole;
    }
    namespace Message {
      type ToolCall = ToolCall.FunctionToolCall | ToolCall.CustomToolCall;
      namespace ToolCall {
        interface FunctionToolCall {
          id: string;
          function: ToolCall.Function;
          type: 'function';
        }
        interface Function {
          arguments: string;
          parsed_arguments?: unknown;
          name: string;
        }
        interface CustomToolCall {
          id: string;
          custom: CustomToolCall.Custom;
          type: 'custom';
        }
        namespace CustomToolCall {
          interface Custom {
            name: string;
            input: string;
          }
        }
      }
      interface FunctionCall {
        arguments?: string;
        name?: string;
      }
    }
  }
}
