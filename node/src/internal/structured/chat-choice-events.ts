/** What a chunk adds to one choice, told as events. */

import type { ChatCompletionSnapshot } from '../../lib/ChatCompletionStream.js';
import { isParseableResponseFormat, parseResponseFormatContent } from '../../lib/parser.js';
import type {
  ChatCompletionChunk,
  ChatCompletionCreateParams,
} from '../../resources/chat/completions/completions.js';
import type { ChatSnapshot } from './chat-snapshot.js';
import { settle } from './growing-text.js';
import { parsedArguments, toolOf } from './whole-answer.js';

type Emit = (name: string, ...values: unknown[]) => void;
type Choice = ChatCompletionSnapshot.Choice;
type FunctionToolCall = ChatCompletionSnapshot.Choice.Message.ToolCall.FunctionToolCall;

const ARGUMENTS_DELTA = 'tool_calls.function.arguments.delta';

/** The events of a choice: what grows, and each part once it is whole. */
export class ChatChoiceEvents {
  readonly #emit: Emit;
  readonly #isHeard: (name: string) => boolean;
  readonly #params: ChatCompletionCreateParams | null;
  readonly #done = new Set<string>();
  /** Calls that were told as whole because the choice was finished. */
  readonly #finishedCalls = new Set<number>();
  #call: number | undefined;

  /**
   * @param emit - Tells an event.
   * @param isHeard - Whether anybody listens to one.
   * @param params - What was asked, which says what is parsed.
   */
  constructor(emit: Emit, isHeard: (name: string) => boolean, params: ChatCompletionCreateParams | null) {
    this.#emit = emit;
    this.#isHeard = isHeard;
    this.#params = params;
  }

  /** Tells what a chunk has added, after the snapshot took it. */
  add({ delta, index, logprobs }: ChatCompletionChunk.Choice, snapshot: ChatSnapshot): void {
    const choice = snapshot.value.choices[index] as Choice;
    const { message } = choice;
    if (message.role === 'assistant') {
      if (delta?.content != null && message.content) this.#tellContent(delta.content, choice, snapshot);
      if (delta?.refusal != null && message.refusal) {
        this.#emit('refusal.delta', { delta: delta.refusal, snapshot: message.refusal });
      }
      for (const part of ['content', 'refusal'] as const) {
        const tokens = logprobs?.[part];
        if (tokens != null) {
          this.#emit(`logprobs.${part}.delta`, { [part]: tokens, snapshot: choice.logprobs?.[part] ?? [] });
        }
      }
    }
    if (choice.finish_reason) {
      this.#tellDone(choice);
      if (this.#call !== undefined && !this.#finishedCalls.has(this.#call)) {
        this.#tellCallDone(choice, this.#call);
        this.#finishedCalls.add(this.#call);
      }
    }
    const calls = delta?.tool_calls ?? [];
    for (const call of calls) {
      if (this.#call !== call.index) {
        this.#tellDone(choice);
        if (this.#call !== undefined && !this.#finishedCalls.has(this.#call)) this.#tellCallDone(choice, this.#call);
      }
      this.#call = call.index;
    }
    for (const call of calls) this.#tellArguments(call, choice, snapshot);
  }

  #tellContent(delta: string, { message }: Choice, snapshot: ChatSnapshot): void {
    this.#emit('content', delta, message.content);
    if (!this.#isHeard('content.delta')) return;
    const text = snapshot.textOf(message);
    if (text === undefined) {
      this.#emit('content.delta', { delta, snapshot: message.content, parsed: message.parsed });
      return;
    }
    const { length } = text;
    this.#emit('content.delta', {
      delta,
      snapshot: message.content,
      get parsed(): unknown {
        return settle(this, 'parsed', text.valueAt(length));
      },
      set parsed(value: unknown) {
        settle(this, 'parsed', value);
      },
    });
  }

  #tellArguments(delta: ChatCompletionChunk.Choice.Delta.ToolCall, { message }: Choice, snapshot: ChatSnapshot): void {
    const { index } = delta;
    const call = message.tool_calls?.[index] as FunctionToolCall | undefined;
    if (call?.type !== 'function') return;
    const { name, arguments: whole } = call.function;
    const text = snapshot.textOf(call.function);
    const arguments_delta = delta.function?.arguments ?? '';
    if (text === undefined) {
      const parsed_arguments = undefined;
      this.#emit(ARGUMENTS_DELTA, { name, index, arguments: whole, parsed_arguments, arguments_delta });
      return;
    }
    const { length } = text;
    this.#emit(ARGUMENTS_DELTA, {
      name,
      index,
      arguments: whole,
      get parsed_arguments(): unknown {
        return settle(this, 'parsed_arguments', text.valueAt(length));
      },
      set parsed_arguments(value: unknown) {
        settle(this, 'parsed_arguments', value);
      },
      arguments_delta,
    });
  }

  /** Tells what is whole of the text and its tokens, once. */
  #tellDone({ message, logprobs }: Choice): void {
    const { content, refusal } = message;
    if (content && this.#isFirst('content')) {
      const format = this.#params?.response_format;
      const parsed = isParseableResponseFormat(format) ? parseResponseFormatContent(format, content) : null;
      this.#emit('content.done', { content, parsed });
    }
    if (refusal && this.#isFirst('refusal')) this.#emit('refusal.done', { refusal });
    for (const part of ['content', 'refusal'] as const) {
      const tokens = logprobs?.[part];
      if (tokens && this.#isFirst(`logprobs.${part}`)) this.#emit(`logprobs.${part}.done`, { [part]: tokens });
    }
  }

  #isFirst(name: string): boolean {
    if (this.#done.has(name)) return false;
    this.#done.add(name);
    return true;
  }

  #tellCallDone({ message }: Choice, index: number): void {
    const call = message.tool_calls?.[index];
    if (!call) throw new Error('no tool call snapshot');
    if (!call.type) throw new Error('tool call snapshot missing `type`');
    if (call.type !== 'function') return;
    const { name, arguments: text } = call.function;
    const parsed_arguments = parsedArguments(toolOf(this.#params, call), text);
    this.#emit('tool_calls.function.arguments.done', { name, index, arguments: text, parsed_arguments });
  }
}
