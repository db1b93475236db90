/** A chat completion as it comes: each chunk, what it adds, and what there is so far. */

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
import { type ChatCompletionWireChunk, normalizeChatCompletionChunk } from './chat-completions/streaming.js';
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
import { OpenAIError, type SchemaViolationError } from '../core/error.js';
import { Stream } from '../core/streaming.js';
import { type Strictness, strictnessOf } from '../internal/structured/attempts.js';
import { ChatChoiceEvents } from '../internal/structured/chat-choice-events.js';
import { ChoiceGuards, correctedMessages, schemaOfFormat } from '../internal/structured/chat-guards.js';
import { ChatSnapshot } from '../internal/structured/chat-snapshot.js';
import { withHelperMethod } from '../internal/structured/helper-method.js';
import { type DeepPartial, type ElementAt } from '../internal/structured/partial-types.js';
import { StructuredView } from '../internal/structured/structured-view.js';
import { refuseUnfinished } from '../internal/structured/whole-answer.js';
import { maybeParseChatCompletion } from './parser.js';

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

/**
 * A message in the form of a chunk without choices, which older readers of such streams pass over.
 *
 * @param chunk - A chunk of the completion before the message.
 * @param toolCallIds - Ids of the calls of that completion, which chunks of some servers lack.
 */
export function makeChatCompletionReadableStreamMessageChunk(
  chunk: ChatCompletionChunk,
  message: ChatCompletionMessageParam,
  toolCallIds?: string[],
): ChatCompletionReadableStreamMessageChunk {
  const { id, created, model } = chunk;
  const item: ChatCompletionReadableStreamMessage = { type: 'message', message };
  if (toolCallIds !== undefined) item.tool_call_ids = toolCallIds;
  return {
    id,
    choices: [],
    created,
    model,
    object: `${CHAT_COMPLETION_READABLE_STREAM_MESSAGE_PREFIX}${JSON.stringify(item)}`,
  };
}

/** A streamed chat completion with events, a snapshot, and the whole completion at the end. */
export class ChatCompletionStream<ParsedT = null>
  extends AbstractChatCompletionRunner<ChatCompletionStreamEvents<ParsedT>, ParsedT>
  implements AsyncIterable<ChatCompletionChunk>
{
  readonly #params: ChatCompletionCreateParams | null;
  #snapshot: ChatSnapshot | undefined;
  #choices: ChatChoiceEvents[] = [];
  readonly #view = new StructuredView<ParsedT>((attach) => this._createIterator(attach));
  /** How the answer is held to its schema. */
  #strictness: Strictness | undefined;
  /** Whether a turn that the model did not finish is an error. */
  #isTurnChecked = false;

  /** @param params - What is asked, which says what is parsed; `null` parses nothing. */
  constructor(params: ChatCompletionCreateParams | null) {
    super();
    this.#params = params;
  }

  /** The completion so far; `undefined` before the first chunk and after the last. It grows in place. */
  get currentChatCompletionSnapshot(): ChatCompletionSnapshot | undefined {
    return this.#snapshot?.value;
  }

  /**
   * A stream over what {@link ChatCompletionStream.toReadableStream} wrote, perhaps elsewhere.
   *
   * The messages that were asked with are not in it; those that tools answered are.
   */
  static fromReadableStream(stream: ReadableStream): ChatCompletionStream<null> {
    const runner = new ChatCompletionStream<null>(null);
    runner._run(() => runner._fromReadableStream(stream));
    return runner;
  }

  /** Asks for a completion; the request is sent once the caller had time to add listeners. */
  static createChatCompletion<ParsedT>(
    client: OpenAI,
    params: ChatCompletionStreamParams,
    options?: RequestOptions,
  ): ChatCompletionStream<ParsedT> {
    const runner = new ChatCompletionStream<ParsedT>(params as ChatCompletionCreateParams);
    const { strictness, rest } = strictnessOf(options, schemaOfFormat(params.response_format));
    runner.#strictness = strictness;
    const told = { ...rest, headers: withHelperMethod(rest.headers, 'stream') };
    const asked = { ...params, stream: true } as ChatCompletionCreateParams;
    runner._run(() => runner._runChatCompletion(client, asked, told));
    return runner;
  }

  /**
   * The parsed answer so far, of the first choice: what has not come is absent. One object, which grows in place;
   * `undefined` before anything of it has come. After a refused answer it is that of the next one.
   */
  get partial(): DeepPartial<ParsedT> | undefined {
    return this.#view.value;
  }

  /** {@link ChatCompletionStream.partial} after each chunk that changed it; who reads slowly gets it as it is by then. */
  partials(): AsyncIterableIterator<DeepPartial<ParsedT>> {
    return this.#view.values();
  }

  /**
   * The elements of an array of the answer, of the first choice, each as soon as it is whole.
   *
   * After a refused answer (`onInvalid: 'retry'`) the elements of the next one come, from its first one on; what of the refused
   * one was not taken yet is dropped. {@link ChatCompletionStream.attempt} tells which answer an element is of.
   *
   * @param path - The array's place: names with dots between (`plan.steps`), or a JSON pointer (`/plan/steps`); `*` is any name or
   * index.
   */
  items<Path extends string>(path: Path): AsyncIterableIterator<ElementAt<ParsedT, Path>> {
    return this.#view.elements(path);
  }

  /** Which request the answer is to: 1, and with `onInvalid: 'retry'` one more after each answer that was refused. */
  get attempt(): number {
    return this.#view.attempt;
  }

  #add(chunk: ChatCompletionChunk): void {
    if (this.ended) return;
    if (this.#snapshot === undefined) this.#view.restart();
    const snapshot = (this.#snapshot ??= new ChatSnapshot(chunk, this.#params, this.#isTurnChecked));
    snapshot.add(chunk);
    for (const { index, delta } of chunk.choices) if (index === 0 && delta?.content) this.#view.push(delta.content);
    this._emit('chunk', chunk, snapshot.value);
    for (const choice of chunk.choices) {
      const events = (this.#choices[choice.index] ??= new ChatChoiceEvents(
        (name, ...values) => this._emit(name as 'content', ...(values as [string, string])),
        (name) => this._hasListeners(name as 'content'),
        this.#params,
      ));
      events.add(choice, snapshot);
    }
  }

  #finish(): ParsedChatCompletion<ParsedT> {
    if (this.ended) throw new OpenAIError('stream has ended, this should not happen');
    const snapshot = this.#snapshot;
    if (!snapshot) throw new OpenAIError('request ended without sending any chunks');
    this.#snapshot = undefined;
    this.#choices = [];
    return maybeParseChatCompletion(snapshot.finished(), this.#params) as ParsedChatCompletion<ParsedT>;
  }

  /** Runs tools; a turn that the model did not finish is an error before its tools are called. */
  protected override async _runTools<FunctionsArgs extends BaseFunctionsArgs, ToolContext>(
    client: OpenAI,
    params:
      | ChatCompletionToolRunnerParamsWithContext<FunctionsArgs, ToolContext>
      | ChatCompletionToolRunnerParamsWithoutContext<FunctionsArgs>
      | ChatCompletionStreamingToolRunnerParamsWithContext<FunctionsArgs, ToolContext>
      | ChatCompletionStreamingToolRunnerParamsWithoutContext<FunctionsArgs>,
    runner: ChatCompletionRunner<any> | ChatCompletionStreamingRunner<any>,
    options?: RunnerOptions,
  ): Promise<void> {
    this.#isTurnChecked = true;
    await super._runTools(client, params, runner, options);
  }

  protected override async _createChatCompletion(
    client: OpenAI,
    params: ChatCompletionCreateParams,
    options?: RequestOptions,
  ): Promise<ParsedChatCompletion<ParsedT>> {
    this._listenForAbort(options?.signal);
    await this.#receiveValid(client, params, options ?? {});
    const completion = this.#finish();
    if (this.#isTurnChecked) for (const { finish_reason } of completion.choices) refuseUnfinished(finish_reason);
    return this._addChatCompletion(completion);
  }

  /** Takes all chunks of an answer; of one that its schema does not allow, it asks for the next, as often as may be. */
  async #receiveValid(client: OpenAI, params: ChatCompletionCreateParams, options: RequestOptions): Promise<void> {
    let { messages } = params;
    for (;;) {
      const violation = await this.#receive(client, { ...params, messages }, options);
      if (violation === undefined) return;
      if (this.attempt >= (this.#strictness?.attempts ?? 1)) throw violation;
      this.#snapshot = undefined;
      this.#choices = [];
      this.#view.refuse();
      messages = correctedMessages(messages, violation);
    }
  }

  /** Takes all chunks; what is wrong with an answer that its schema does not allow. */
  async #receive(
    client: OpenAI,
    params: ChatCompletionCreateParams,
    options: RequestOptions,
  ): Promise<SchemaViolationError | undefined> {
    const stream = await client.chat.completions.create(
      { ...params, stream: true },
      { ...options, signal: this.controller.signal },
    );
    this._connected();
    const guards = this.#strictness && new ChoiceGuards(this.#strictness.schema, this.attempt);
    let violation: SchemaViolationError | undefined;
    for await (const chunk of stream) {
      violation = guards?.add(chunk);
      // Leaving the loop closes the connection. What made the answer impossible is told by the error alone.
      if (violation !== undefined) break;
      this.#add(chunk);
    }
    // A stream that is aborted ends like any other.
    if (this.controller.signal.aborted) throw this._userAbortError();
    if (violation === undefined && stream.controller.signal.aborted) throw this._userAbortError();
    return violation;
  }

  protected async _fromReadableStream(
    readableStream: ReadableStream,
    options?: RequestOptions,
  ): Promise<ChatCompletion> {
    this._listenForAbort(options?.signal);
    const stream = Stream.fromReadableStream<ChatCompletionReadableStreamItem>(readableStream, this.controller);
    this._connected();
    let id: string | undefined;
    for await (const item of stream) {
      const told = messageIn(item);
      if (told !== undefined) {
        this.#finishTurn(told.tool_call_ids);
        this._addMessage(told.message);
        id = undefined;
        continue;
      }
      const chunk = normalizeChatCompletionChunk(item as ChatCompletionWireChunk);
      if (id !== undefined && id !== chunk.id) this.#finishTurn();
      this.#add(chunk);
      id = chunk.id;
    }
    if (this.controller.signal.aborted) throw this._userAbortError();
    if (this.#snapshot !== undefined || this._chatCompletions.length === 0) this.#addFinished();
    return this._chatCompletions.at(-1) as ChatCompletion;
  }

  #finishTurn(toolCallIds?: string[]): void {
    if (this.#snapshot !== undefined) this.#addFinished(toolCallIds);
  }

  #addFinished(toolCallIds: string[] = []): void {
    const completion = this.#finish();
    const calls = completion.choices[0]?.message.tool_calls ?? [];
    for (const [index, call] of calls.entries()) call.id = toolCallIds[index] ?? call.id;
    this._addChatCompletion(completion);
  }

  /** The chunks; an iteration that is left early aborts the stream. */
  [Symbol.asyncIterator](this: ChatCompletionStream<ParsedT>): AsyncIterator<ChatCompletionChunk> {
    const attach = (push: (chunk: ChatCompletionChunk) => void) => {
      const listener = (chunk: ChatCompletionChunk) => push(chunk);
      this.on('chunk', listener);
      return () => void this.off('chunk', listener);
    };
    return this._createIterator(attach, { onReturn: () => this.abort() });
  }

  /** The chunks as newline-delimited JSON in UTF-8; cancelling it aborts the stream. */
  toReadableStream(): ReadableStream {
    return new Stream(() => this[Symbol.asyncIterator](), this.controller).toReadableStream();
  }
}

/** The message in an item of a written stream, if it holds one. */
function messageIn(item: ChatCompletionReadableStreamItem): ChatCompletionReadableStreamMessage | undefined {
  if ('type' in item && item.type === 'message') return item;
  const { object } = item as { object?: unknown };
  if (typeof object !== 'string' || !object.startsWith(CHAT_COMPLETION_READABLE_STREAM_MESSAGE_PREFIX)) return undefined;
  const text = object.slice(CHAT_COMPLETION_READABLE_STREAM_MESSAGE_PREFIX.length);
  return JSON.parse(text) as ChatCompletionReadableStreamMessage;
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
