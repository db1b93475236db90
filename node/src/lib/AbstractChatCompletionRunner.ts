/** Conversations that go on by themselves: what was said, what it cost, and the tools that were called. */

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
import { OpenAIError } from '../core/error.js';
import { answersOf, type RunnableChatTools, runnableTools } from '../internal/structured/chat-tools.js';
import { messageForRequest } from '../internal/structured/chat-messages.js';
import { newCallId } from '../internal/structured/call-id.js';
import { sumOfUsage } from '../internal/structured/usage.js';
import { isAssistantMessage, isToolMessage } from './chatCompletionUtils.js';
import { parseChatCompletion } from './parser.js';

export interface ChatCompletionRunnerContext {
  messages: ChatCompletionMessageParam[];
  abort(): void;
}

export interface RunnerOptions extends RequestOptions {
  maxChatCompletions?: number;
  afterCompletion?: (completion: ChatCompletion, runner: ChatCompletionRunnerContext) => void | Promise<void>;
}

const DEFAULT_MAX_CHAT_COMPLETIONS = 10;

/** What the runners and the stream of chat completions share. */
export class AbstractChatCompletionRunner<
  EventTypes extends AbstractChatCompletionRunnerEvents,
  ParsedT,
> extends EventStream<EventTypes> {
  protected _chatCompletions: ParsedChatCompletion<ParsedT>[] = [];
  /** The conversation: what was given, and what was said since. */
  messages: ChatCompletionMessageParam[] = [];

  protected _addChatCompletion(
    this: AbstractChatCompletionRunner<AbstractChatCompletionRunnerEvents, ParsedT>,
    chatCompletion: ParsedChatCompletion<ParsedT>,
  ): ParsedChatCompletion<ParsedT> {
    this._chatCompletions.push(chatCompletion);
    this._emit('chatCompletion', chatCompletion);
    const message = chatCompletion.choices[0]?.message;
    if (message) this._addMessage(message as ChatCompletionMessageParam);
    return chatCompletion;
  }

  /**
   * Adds a message to the conversation.
   *
   * @param emit - Whether it is told; what the caller gave is not.
   * @param normalizeContent - Whether a message without content gets `null`.
   */
  protected _addMessage(
    this: AbstractChatCompletionRunner<AbstractChatCompletionRunnerEvents, ParsedT>,
    message: ChatCompletionMessageParam,
    emit: boolean = true,
    normalizeContent: boolean = true,
  ): void {
    if (normalizeContent && !('content' in message)) (message as { content: null }).content = null;
    this.messages.push(message);
    if (!emit) return;
    this._emit('message', message);
    if (isToolMessage(message)) {
      if (message.content) this._emit('functionToolCallResult', message.content as string);
    } else if (isAssistantMessage(message)) {
      for (const call of message.tool_calls ?? []) {
        if (call.type === 'function') this._emit('functionToolCall', call.function);
      }
    }
  }

  /**
   * The last completion, at the end.
   *
   * @throws {OpenAIError} The run failed, was aborted, or had no completion.
   */
  async finalChatCompletion(): Promise<ParsedChatCompletion<ParsedT>> {
    await this.done();
    const completion = this._chatCompletions.at(-1);
    if (!completion) throw new OpenAIError('stream ended without producing a ChatCompletion');
    return completion;
  }

  /**
   * The text of the last message of the assistant, at the end.
   *
   * @throws {OpenAIError} The run failed, was aborted, or had no such message.
   */
  async finalContent(): Promise<string | null> {
    await this.done();
    return this.#finalMessage().content;
  }

  /**
   * The last message of the assistant, at the end.
   *
   * @throws {OpenAIError} The run failed, was aborted, or had no such message.
   */
  async finalMessage(): Promise<ChatCompletionMessage> {
    await this.done();
    return this.#finalMessage();
  }

  /**
   * The last call of a function, at the end; `undefined` when none was called.
   *
   * @throws {OpenAIError} The run failed or was aborted.
   */
  async finalFunctionToolCall(): Promise<ChatCompletionMessageFunctionToolCall.Function | undefined> {
    await this.done();
    return this.#finalFunctionToolCall();
  }

  /**
   * The last outcome of a function, at the end; `undefined` when there was none.
   *
   * @throws {OpenAIError} The run failed or was aborted.
   */
  async finalFunctionToolCallResult(): Promise<string | undefined> {
    await this.done();
    return this.#finalFunctionToolCallResult();
  }

  /**
   * The tokens of all completions together, at the end.
   *
   * @throws {OpenAIError} The run failed or was aborted.
   */
  async totalUsage(): Promise<CompletionUsage> {
    await this.done();
    return this.#totalUsage();
  }

  /** The completions so far, as a new list. */
  allChatCompletions(): ChatCompletion[] {
    return [...this._chatCompletions];
  }

  #finalMessage(): ChatCompletionMessage {
    const message = this.messages.findLast(isAssistantMessage);
    if (message === undefined) {
      throw new OpenAIError('stream ended without producing a ChatCompletionMessage with role=assistant');
    }
    return {
      ...message,
      content: (message as ChatCompletionMessage).content ?? null,
      refusal: (message as ChatCompletionMessage).refusal ?? null,
    } as ChatCompletionMessage;
  }

  #finalFunctionToolCall(): ChatCompletionMessageFunctionToolCall.Function | undefined {
    for (const message of this.messages.toReversed().filter(isAssistantMessage)) {
      const call = message.tool_calls?.findLast(({ type }) => type === 'function');
      if (call?.type === 'function') return call.function;
    }
    return undefined;
  }

  #finalFunctionToolCallResult(): string | undefined {
    const called = new Set<string>();
    for (const message of this.messages.filter(isAssistantMessage)) {
      for (const { type, id } of message.tool_calls ?? []) if (type === 'function') called.add(id);
    }
    const result = this.messages.findLast(
      (message) => isToolMessage(message) && typeof message.content === 'string' && called.has(message.tool_call_id),
    );
    return result?.content as string | undefined;
  }

  #totalUsage(): CompletionUsage {
    return sumOfUsage(this._chatCompletions.map(({ usage }) => usage));
  }

  protected override _emitFinal(this: AbstractChatCompletionRunner<AbstractChatCompletionRunnerEvents, ParsedT>): void {
    const completion = this._chatCompletions.at(-1);
    if (completion) this._emit('finalChatCompletion', completion);
    const message = this.#finalMessage();
    this._emit('finalMessage', message);
    if (message.content) this._emit('finalContent', message.content);
    const call = this.#finalFunctionToolCall();
    if (call) this._emit('finalFunctionToolCall', call);
    const result = this.#finalFunctionToolCallResult();
    if (result != null) this._emit('finalFunctionToolCallResult', result);
    if (this._chatCompletions.some(({ usage }) => usage)) this._emit('totalUsage', this.#totalUsage());
  }

  protected async _createChatCompletion(
    client: OpenAI,
    params: ChatCompletionCreateParams,
    options?: RequestOptions,
  ): Promise<ParsedChatCompletion<ParsedT>> {
    this._listenForAbort(options?.signal);
    if (params.n != null && params.n > 1) {
      throw new OpenAIError(
        'ChatCompletion convenience helpers only support n=1 at this time. To use n>1, please use chat.completions.create() directly.',
      );
    }
    const completion = await client.chat.completions.create(
      { ...params, stream: false },
      { ...options, signal: this.controller.signal },
    );
    this._connected();
    const parsed = parseChatCompletion<ChatCompletionCreateParams, ParsedT>(completion, params);
    for (const { message } of parsed.choices) {
      for (const call of message.tool_calls ?? []) call.id ||= newCallId();
    }
    return this._addChatCompletion(parsed);
  }

  protected async _runChatCompletion(
    client: OpenAI,
    params: ChatCompletionCreateParams,
    options?: RequestOptions,
  ): Promise<ChatCompletion> {
    for (const message of params.messages) this._addMessage(message, false, false);
    return await this._createChatCompletion(client, params, options);
  }

  protected async _runTools<FunctionsArgs extends BaseFunctionsArgs, ToolContext>(
    client: OpenAI,
    params:
      | ChatCompletionToolRunnerParamsWithContext<FunctionsArgs, ToolContext>
      | ChatCompletionToolRunnerParamsWithoutContext<FunctionsArgs>
      | ChatCompletionStreamingToolRunnerParamsWithContext<FunctionsArgs, ToolContext>
      | ChatCompletionStreamingToolRunnerParamsWithoutContext<FunctionsArgs>,
    runner: ChatCompletionRunner<any> | ChatCompletionStreamingRunner<any>,
    options?: RunnerOptions,
  ): Promise<void> {
    const { tool_choice = 'auto', stream: _stream, toolContext, ...rest } = params;
    const { maxChatCompletions = DEFAULT_MAX_CHAT_COMPLETIONS, afterCompletion, ...requestOptions } = options ?? {};
    const tools = runnableTools(params.tools as RunnableChatTools, tool_choice);
    for (const message of params.messages) this._addMessage(message, false, false);
    for (let turn = 0; turn < maxChatCompletions; turn += 1) {
      const sent = { ...rest, tools: tools.sent, tool_choice, messages: this.messages.map(messageForRequest) };
      const completion = await this._createChatCompletion(client, sent as ChatCompletionCreateParams, requestOptions);
      const message = completion.choices[0]?.message;
      if (!message) throw new OpenAIError('missing message in ChatCompletion response');
      const calls = message.tool_calls ?? [];
      const isInTurn = params.parallel_tool_calls === false || tools.chosen !== undefined;
      let isChosenCalled = false;
      for await (const { message: answer, isChosen } of answersOf(calls, tools, { runner, toolContext, isInTurn })) {
        this._addMessage(answer);
        isChosenCalled ||= isChosen;
        if (isChosen) break;
      }
      await afterCompletion?.(completion, runner);
      if (this.controller.signal.aborted) throw this._userAbortError();
      if (calls.length === 0 || isChosenCalled) return;
    }
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
