/** A chat completion that grows with its chunks, and what it is in the end. */

import { OpenAIError } from '../../core/error.js';
import type { ChatCompletionSnapshot } from '../../lib/ChatCompletionStream.js';
import { hasAutoParseableInput, isParseableResponseFormat, shouldParseToolCall } from '../../lib/parser.js';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionCreateParams,
} from '../../resources/chat/completions/completions.js';
import { newCallId } from './call-id.js';
import { GrowingText, growsWith } from './growing-text.js';
import { isParsedTool, refuseUnfinished } from './whole-answer.js';

type Message = ChatCompletionSnapshot.Choice.Message & Record<string, unknown>;
type Choice = Omit<ChatCompletionSnapshot.Choice, 'message'> & { message: Message };
type Delta = ChatCompletionChunk.Choice.Delta;
type CallDelta = ChatCompletionChunk.Choice.Delta.ToolCall & { custom?: { name?: string; input?: string } };
type Call = { id?: string; type?: string; function?: CalledFunction; custom?: { name: string; input: string } };
type CalledFunction = { name: string; arguments: string; parsed_arguments?: unknown };

/** What a request asks to be parsed. */
interface Parsing {
  params: ChatCompletionCreateParams | null;
  isFormat: boolean;
  isTool: boolean;
}

/** One completion while it comes. Each chunk costs what it holds, however much there is already. */
export class ChatSnapshot {
  readonly #parsing: Parsing;
  readonly #isCutRefused: boolean;
  /** Texts that are parsed, by the object that has them. */
  readonly #texts = new WeakMap<object, GrowingText>();
  /** The completion so far; it grows in place. */
  readonly value: ChatCompletionSnapshot;

  /**
   * @param chunk - The first chunk, which {@link ChatSnapshot.add} is still to take.
   * @param params - What was asked, which says what is parsed.
   * @param isCutRefused - Whether an answer that was cut is an error even with nothing to parse.
   */
  constructor(chunk: ChatCompletionChunk, params: ChatCompletionCreateParams | null, isCutRefused: boolean) {
    this.#parsing = parsingOf(params);
    this.#isCutRefused = isCutRefused || (params !== null && hasAutoParseableInput(params));
    const { choices: _, ...rest } = chunk;
    this.value = { ...rest, choices: [] };
  }

  /**
   * Adds a chunk.
   *
   * @throws {LengthFinishReasonError} It ends at the token limit, and there is something to parse.
   * @throws {ContentFilterFinishReasonError} It ends by the content filter, and there is something to parse.
   * @throws {SyntaxError} What is to be parsed is no JSON.
   */
  add(chunk: ChatCompletionChunk): void {
    const { choices: _, ...rest } = chunk;
    Object.assign(this.value, rest);
    for (const { delta, finish_reason, index, logprobs = null, ...others } of chunk.choices) {
      const choice = ((this.value.choices as Choice[])[index] ??= {
        finish_reason: null,
        index,
        message: {},
        logprobs: null,
        ...others,
      } as Choice);
      if (logprobs) addLogprobs(choice, logprobs);
      if (finish_reason) {
        choice.finish_reason = finish_reason;
        if (this.#isCutRefused) refuseUnfinished(finish_reason);
      }
      Object.assign(choice, others);
      if (delta) this.#addDelta(choice.message, delta);
    }
  }

  #addDelta(message: Message, delta: Delta): void {
    const { content, refusal, function_call, role, tool_calls, audio, ...others } = delta;
    Object.assign(message, others);
    if (refusal) message.refusal = (message.refusal || '') + refusal;
    if (role) message.role = role;
    if (function_call) addFunctionCall(message, function_call);
    if (audio) addAudio(message, audio as Record<string, unknown>);
    if (content !== null && content !== undefined) {
      message.content = (message.content || '') + content;
      if (!message.refusal && this.#parsing.isFormat) this.#grow(message, 'parsed', content);
    }
    for (const call of tool_calls ?? []) this.#addCall(message, call as CallDelta);
  }

  #addCall(message: Message, delta: CallDelta): void {
    const { index, id, type, function: called, custom, ...others } = delta;
    message.tool_calls ??= [];
    const call = ((message.tool_calls as Call[])[index] ??= {});
    if (this.#parsing.isTool) checkIdentity(call, delta);
    Object.assign(call, others);
    if (id) call.id = id;
    if (type) call.type = type;
    if (custom) {
      const target = (call.custom ??= { name: custom.name ?? '', input: '' });
      if (custom.name) target.name = custom.name;
      if (custom.input) target.input += custom.input;
    }
    if (!called) return;
    const target = (call.function ??= { name: called.name ?? '', arguments: '' });
    if (called.name) target.name = called.name;
    if (!called.arguments) return;
    target.arguments += called.arguments;
    if (!this.#parsing.isTool || !shouldParseToolCall(this.#parsing.params, call as never)) return;
    // A name may come after the first arguments.
    const isKnown = this.#texts.has(target);
    this.#grow(target, 'parsed_arguments', isKnown ? called.arguments : target.arguments);
  }

  #grow(owner: Message | CalledFunction, name: 'parsed' | 'parsed_arguments', piece: string): void {
    let text = this.#texts.get(owner);
    if (text === undefined) this.#texts.set(owner, (text = new GrowingText()));
    text.push(String(piece));
    // Arguments of nothing but white space have no value, a message of it has `null`.
    if (!(name in owner) && (name === 'parsed' || text.isBegun)) growsWith(owner, name, text);
  }

  /** The text of a message or function that is parsed, once it has a value. */
  textOf(owner: object): GrowingText | undefined {
    const text = this.#texts.get(owner);
    return text?.isBegun ? text : undefined;
  }

  /**
   * The completion as an answer that came whole.
   *
   * @throws {OpenAIError} Something is missing.
   */
  finished(): ChatCompletion {
    const { id, choices, created, model, system_fingerprint, ...others } = this.value;
    return {
      ...others,
      id,
      // A hole in the list is a choice that never came.
      choices: Array.from(choices, (choice, index) => finishedChoice(choice as Choice | undefined, index)),
      created,
      model,
      object: 'chat.completion',
      ...(system_fingerprint ? { system_fingerprint } : undefined),
    } as ChatCompletion;
  }
}

function parsingOf(params: ChatCompletionCreateParams | null): Parsing {
  if (params === null) return { params, isFormat: false, isTool: false };
  const isFormat = isParseableResponseFormat(params.response_format);
  return { params, isFormat, isTool: params.tools?.some(isParsedTool) ?? false };
}

function addLogprobs(choice: Choice, logprobs: ChatCompletionChunk.Choice.Logprobs): void {
  const target = choice.logprobs;
  if (!target) {
    // Lists are copied: they grow here, and the chunk is the caller's.
    const { content, refusal } = logprobs;
    choice.logprobs = { ...logprobs, ...(content && { content: [...content] }), ...(refusal && { refusal: [...refusal] }) };
    return;
  }
  const { content, refusal, ...others } = logprobs;
  Object.assign(target, others);
  if (content) (target.content ??= []).push(...content);
  if (refusal) (target.refusal ??= []).push(...refusal);
}

function addFunctionCall(message: Message, { name, arguments: piece }: ChatCompletionChunk.Choice.Delta.FunctionCall): void {
  const target = message.function_call;
  if (!target) {
    message.function_call = { ...(name !== undefined && { name }), ...(piece !== undefined && { arguments: piece }) };
    return;
  }
  if (name) target.name = name;
  if (piece) target.arguments = (target.arguments ?? '') + piece;
}

/** Sound and its transcript come in pieces, the rest as it is. */
function addAudio(message: Message, { data, transcript, ...others }: Record<string, unknown>): void {
  const audio = (message.audio ??= {}) as Record<string, unknown>;
  Object.assign(audio, others);
  if (typeof transcript === 'string') audio['transcript'] = ((audio['transcript'] as string | undefined) ?? '') + transcript;
  if (typeof data === 'string') audio['data'] = ((audio['data'] as string | undefined) ?? '') + data;
}

/** What is parsed by the tool it names must not become another tool's. */
function checkIdentity(call: Call, { type, function: called }: CallDelta): void {
  const isOtherType = call.type === 'function' && !!type && type !== 'function';
  const name = call.function?.name;
  const isOtherName = !!name && called?.name != null && called.name !== name;
  if (isOtherType || isOtherName) throw new OpenAIError('Chat completion stream contains a changed tool call identity');
}

function finishedChoice(choice: Choice | undefined, at: number): ChatCompletion.Choice {
  if (!choice) throw new OpenAIError(`missing choices[${at}]`);
  const { message, finish_reason, index, logprobs, ...others } = choice;
  if (!finish_reason) throw new OpenAIError(`missing finish_reason for choice ${at}`);
  const { content = null, function_call, tool_calls, ...rest } = withoutParsed(message, 'parsed');
  if (!rest.role) throw new OpenAIError(`missing role for choice ${at}`);
  const whole: Record<string, unknown> = { ...rest, content, refusal: rest.refusal ?? null };
  if (function_call) {
    const { name, arguments: text, ...more } = function_call;
    if (text == null) throw new OpenAIError(`missing function_call.arguments for choice ${at}`);
    if (!name) throw new OpenAIError(`missing function_call.name for choice ${at}`);
    whole['function_call'] = { ...more, arguments: text, name };
  }
  if (!tool_calls) return { ...others, message: whole, finish_reason, index, logprobs } as unknown as ChatCompletion.Choice;
  whole['tool_calls'] = Array.from(tool_calls as Call[], (call, number) => finishedCall(call, at, number));
  return { ...others, index, finish_reason, logprobs, message: whole } as unknown as ChatCompletion.Choice;
}

function finishedCall(call: Call | undefined, choice: number, number: number): Record<string, unknown> {
  const path = `choices[${choice}].tool_calls[${number}]`;
  if (!call) throw new OpenAIError(`missing ${path}`);
  const { id, type, function: called, custom, ...others } = call;
  const known = id || newCallId();
  if (type === 'custom') {
    const { name, input, ...more } = custom ?? ({} as { name?: string; input?: string });
    if (name == null) throw new OpenAIError(`missing ${path}.custom.name`);
    if (input == null) throw new OpenAIError(`missing ${path}.custom.input`);
    return { ...others, id: known, type, custom: { ...more, name, input } };
  }
  if (!type) throw new OpenAIError(`missing ${path}.type`);
  const { name, arguments: text, ...more } = withoutParsed(called ?? ({} as CalledFunction), 'parsed_arguments');
  if (name == null) throw new OpenAIError(`missing ${path}.function.name`);
  if (text == null) throw new OpenAIError(`missing ${path}.function.arguments`);
  return { ...others, id: known, type, function: { ...more, name, arguments: text } };
}

/** A copy in which nothing is parsed for the sake of copying: the whole is parsed afterwards. */
function withoutParsed<T extends object>(owner: T, name: 'parsed' | 'parsed_arguments'): T {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(owner)) copy[key] = key === name ? null : (owner as Record<string, unknown>)[key];
  return copy as T;
}
