/** Part of the tool runners: by name and type only. */

import type OpenAI from '../index.js';
import { type RequestOptions } from '../internal/request-options.js';
import {
  type ChatCompletion,
  type ChatCompletionCreateParams,
  type ChatCompletionMessage,
  type ChatCompletionMessageFunctionToolCall,
  type ChatCompletionMessageParam,
  type ParsedChatCompletion,
} from '../resources/chat/completions.js';
import { type CompletionUsage } from '../resources/completions.js';
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
import { type BaseEvents } from './EventStream.js';
import { EventStream } from './EventStream.js';
import { type BaseFunctionsArgs } from './RunnableFunction.js';
import { later } from '../internal/later.js';

export interface ChatCompletionRunnerContext {
  messages: ChatCompletionMessageParam[];
  abort(): void;
}

export interface RunnerOptions extends RequestOptions {
  maxChatCompletions?: number;
  afterCompletion?: (completion: ChatCompletion, runner: ChatCompletionRunnerContext) => void | Promise<void>;
}

/** It needs the tool runners, which tailrace does not have yet: making one throws an OpenAIError. */
export class AbstractChatCompletionRunner<
  EventTypes extends AbstractChatCompletionRunnerEvents,
  ParsedT,
> extends EventStream<EventTypes> {
  declare protected _chatCompletions: ParsedChatCompletion<ParsedT>[];
  declare messages: ChatCompletionMessageParam[];
  protected _addChatCompletion(
    this: AbstractChatCompletionRunner<AbstractChatCompletionRunnerEvents, ParsedT>,
    chatCompletion: ParsedChatCompletion<ParsedT>,
  ): ParsedChatCompletion<ParsedT>;
  protected _addChatCompletion(): never {
    throw later('AbstractChatCompletionRunner._addChatCompletion', 'the tool runners');
  }
  protected _addMessage(
    this: AbstractChatCompletionRunner<AbstractChatCompletionRunnerEvents, ParsedT>,
    message: ChatCompletionMessageParam,
    emit?: boolean,
    normalizeContent?: boolean,
  ): void;
  protected _addMessage(): never {
    throw later('AbstractChatCompletionRunner._addMessage', 'the tool runners');
  }
  finalChatCompletion(): Promise<ParsedChatCompletion<ParsedT>>;
  finalChatCompletion(): never {
    throw later('AbstractChatCompletionRunner.finalChatCompletion', 'the tool runners');
  }
  finalContent(): Promise<string | null>;
  finalContent(): never {
    throw later('AbstractChatCompletionRunner.finalContent', 'the tool runners');
  }
  finalMessage(): Promise<ChatCompletionMessage>;
  finalMessage(): never {
    throw later('AbstractChatCompletionRunner.finalMessage', 'the tool runners');
  }
  finalFunctionToolCall(): Promise<ChatCompletionMessageFunctionToolCall.Function | undefined>;
  finalFunctionToolCall(): never {
    throw later('AbstractChatCompletionRunner.finalFunctionToolCall', 'the tool runners');
  }
  finalFunctionToolCallResult(): Promise<string | undefined>;
  finalFunctionToolCallResult(): never {
    throw later('AbstractChatCompletionRunner.finalFunctionToolCallResult', 'the tool runners');
  }
  totalUsage(): Promise<CompletionUsage>;
  totalUsage(): never {
    throw later('AbstractChatCompletionRunner.totalUsage', 'the tool runners');
  }
  allChatCompletions(): ChatCompletion[];
  allChatCompletions(): never {
    throw later('AbstractChatCompletionRunner.allChatCompletions', 'the tool runners');
  }
  protected override _emitFinal(this: AbstractChatCompletionRunner<AbstractChatCompletionRunnerEvents, ParsedT>): void;
  protected override _emitFinal(): never {
    throw later('AbstractChatCompletionRunner._emitFinal', 'the tool runners');
  }
  protected _createChatCompletion(
    client: OpenAI,
    params: ChatCompletionCreateParams,
    options?: RequestOptions,
  ): Promise<ParsedChatCompletion<ParsedT>>;
  protected _createChatCompletion(): never {
    throw later('AbstractChatCompletionRunner._createChatCompletion', 'the tool runners');
  }
  protected _runChatCompletion(
    client: OpenAI,
    params: ChatCompletionCreateParams,
    options?: RequestOptions,
  ): Promise<ChatCompletion>;
  protected _runChatCompletion(): never {
    throw later('AbstractChatCompletionRunner._runChatCompletion', 'the tool runners');
  }
  protected _runTools<FunctionsArgs extends BaseFunctionsArgs, ToolContext>(
    client: OpenAI,
    params:
      | ChatCompletionToolRunnerParamsWithContext<FunctionsArgs, ToolContext>
      | ChatCompletionToolRunnerParamsWithoutContext<FunctionsArgs>
      | ChatCompletionStreamingToolRunnerParamsWithContext<FunctionsArgs, ToolContext>
      | ChatCompletionStreamingToolRunnerParamsWithoutContext<FunctionsArgs>,
    runner: ChatCompletionRunner<any> | ChatCompletionStreamingRunner<any>,
    options?: RunnerOptions,
  ): Promise<void>;
  protected _runTools(): never {
    throw later('AbstractChatCompletionRunner._runTools', 'the tool runners');
  }
}

export interface AbstractChatCompletionRunnerEvents extends BaseEvents {
  functionToolCall: (functionCall: ChatCompletionMessageFunctionToolCall.Function) => void;
  message: (message: ChatCompletionMessageParam) => void;
  chatCompletion: (completion: ChatCompletion) => void;
  finalContent: (contentSnapshot: string) => void;
  finalMessage: (message: ChatCompletionMessageParam) => void;
  finalChatCompletion: (completion: ChatCompletion) => void;
  finalFunctionToolCall: (functionCall: ChatCompletionMessageFunctionToolCall.Function) => void;
  functionToolCallResult: (content: string) => void;
  finalFunctionToolCallResult: (content: string) => void;
  totalUsage: (usage: CompletionUsage) => void;
}
