/** What the events of a lane have told of a response that has not ended. */

import { OpenAIError } from '../../core/error.js';
import { detached } from '../../internal/detached.js';
import { OUTPUT_ITEMS } from '../../internal/output-items.js';
import { type Response, type ResponseStreamEvent } from '../../resources/responses/responses.js';
import { accumulateResponse } from './ResponseAccumulator.js';

/** A value of the wire: any field may be absent or of another type. */
interface Wire {
  type?: unknown;
  [field: string]: unknown;
}

interface Item extends Wire {
  type: string;
  content?: Wire[];
}

/** What came of an item, or of a part, before the item or the part. */
interface Sparse {
  /** What the item has to be. */
  kind: string;
  item_id: string;
  input: { arguments?: string; input?: string };
  content: Map<number, Wire>;
  commands: Map<number, Wire>;
}

/** Which part of an item is asked for. */
interface Selector {
  content_index?: number;
  annotation_index?: number;
  summary_index?: number;
}

/** Events whose text is kept also without its item: the type of that, and the field. */
const TEXTS: ReadonlyMap<string, { kind: string; field: 'arguments' | 'input' | 'text' | 'refusal' }> = new Map([
  ['function_call_arguments', { kind: 'function_call', field: 'arguments' }],
  ['mcp_call_arguments', { kind: 'mcp_call', field: 'arguments' }],
  ['custom_tool_call_input', { kind: 'custom_tool_call', field: 'input' }],
  ['output_text', { kind: 'message', field: 'text' }],
  ['refusal', { kind: 'message', field: 'refusal' }],
]);

/** Events that say something, without `response.`. */
const KNOWN: ReadonlySet<string> = new Set([
  ...['queued', 'in_progress', 'output_item.added', 'output_item.done', 'content_part.added', 'content_part.done'],
  ...[...TEXTS.keys()].flatMap((family) => [`${family}.delta`, `${family}.done`]),
  ...['output_text.annotation.added', 'reasoning_summary_part.added', 'reasoning_summary_part.done'],
  ...['reasoning_summary_text', 'reasoning_text', 'code_interpreter_call_code', 'shell_call_output_content'].flatMap(
    (family) => [`${family}.delta`, `${family}.done`],
  ),
  ...['added', 'delta', 'done'].map((stage) => `shell_call_command.${stage}`),
  ...['in_progress', 'searching', 'completed'].flatMap((stage) => [`file_search_call.${stage}`, `web_search_call.${stage}`]),
  ...['in_progress', 'interpreting', 'completed'].map((stage) => `code_interpreter_call.${stage}`),
  ...['in_progress', 'generating', 'completed'].map((stage) => `image_generation_call.${stage}`),
  ...['in_progress', 'completed', 'failed'].map((stage) => `mcp_call.${stage}`),
]);

/** What a call has to bring, as texts. */
const CALLS: ReadonlyMap<string, string[]> = new Map([
  ['function_call', ['name', 'arguments']],
  ['custom_tool_call', ['name', 'input']],
  ['mcp_call', ['name', 'arguments', 'server_label']],
]);

/** Adds events; one that contradicts those before it throws, and then this is of no more use. */
export class Provisional {
  #response = accumulateResponse(created({ output: [] }));
  /** The place of each item of the response in the events, in order; places may be left out there. */
  #places: number[] = [];
  readonly #sparse = new Map<number, Sparse>();
  /** The name that a call without an id has in the response, by its place, and what events call it. */
  readonly #unnamed = new Map<number, { name: string; id?: string }>();
  #names = 0;
  /** Whether an event told of an item before the response or the item came, so that the response may be no other one. */
  #isBare: boolean | undefined;

  /** Whether events of a type say something. */
  static knows(type: string): boolean {
    return type.startsWith('response.') && KNOWN.has(type.slice('response.'.length));
  }

  /** @throws {Error} The event contradicts those before it, or lacks what it has to have. */
  add(event: { type: string; [field: string]: unknown }): void {
    const name = event.type.slice('response.'.length);
    const dot = name.lastIndexOf('.');
    const [family, stage] = [name.slice(0, dot), name.slice(dot + 1)];
    if (dot < 0) this.#told(name, event.response);
    else {
      this.#isBare ??= true;
      const place = indexOf(event, 'output_index');
      const text = TEXTS.get(family);
      if (family === 'output_item') this.#item(place, event, stage);
      else if (text !== undefined) this.#text(place, event, text.kind, text.field, stage === 'done');
      else if (family === 'content_part') this.#part(place, event);
      else if (family === 'shell_call_output_content') this.#shellOutput(place, event, stage === 'done');
      else if (family === 'shell_call_command' && this.#itemAt(place)?.type !== 'shell_call') {
        throw new OpenAIError(`There is no call of a shell at ${place}.`);
      } else this.#forward(place, event);
    }
  }

  /** A copy of what there is, as the state of an accumulator has it. */
  copied(): { snapshot: object; partialOutput?: object[] } {
    const snapshot = detached(this.#response) as unknown as Wire & { output: Wire[] };
    for (const place of this.#unnamed.keys()) delete snapshot.output[this.#places.indexOf(place)]?.id;
    if ([...this.#sparse.values()].some((sparse) => sparse.content.size > 0)) snapshot.output_text = this.#outputText();
    const partial = new Map<number, object>();
    for (const [output_index, { item_id, input, content, commands }] of this.#sparse) {
      partial.set(output_index, {
        output_index,
        item_id,
        ...input,
        ...(content.size > 0 && { content: rows(content, 'content_index') }),
        ...(commands.size > 0 && { commands: rows(commands, 'command_index') }),
      });
    }
    for (const [output_index, { id }] of this.#unnamed) {
      const { type, arguments: given, input } = this.#itemAt(output_index) as Item;
      const said = type === 'function_call' ? { arguments: given } : { input };
      if (id !== undefined) partial.set(output_index, { output_index, item_id: id, ...said });
    }
    return partial.size === 0 ? { snapshot } : { snapshot, partialOutput: sorted(partial).map(([, entry]) => entry) };
  }

  /** A copy of an item, a part or an annotation; `undefined` where there is none. */
  outputAt(place: number, selector?: Selector): unknown {
    const item = this.#itemAt(place);
    if (item === undefined) return undefined;
    if (selector === undefined) {
      const copy = detached(item);
      if (this.#unnamed.has(place)) delete copy.id;
      return copy;
    }
    const { content_index: content, summary_index: summary, annotation_index: annotation } = selector;
    let found: unknown;
    if (summary !== undefined) found = item.type === 'reasoning' ? element(item.summary, summary) : undefined;
    else if (item.type === 'message' || item.type === 'reasoning') found = element(item.content, content);
    if (annotation !== undefined) {
      const { type, annotations } = (found ?? {}) as Wire;
      found = type === 'output_text' ? element(annotations, annotation) : undefined;
    }
    return typeof found === 'object' && found !== null ? detached(found) : found;
  }

  #itemAt(place: number): Item | undefined {
    return this.#response.output[this.#places.indexOf(place)] as unknown as Item | undefined;
  }

  #told(name: string, response: unknown): void {
    if (!isObject(response)) throw new OpenAIError(`A Responses WebSocket event of the type response.${name} must contain a response.`);
    const { id, output: known } = this.#response as { id?: unknown; output: Response['output'] };
    this.#isBare ??= false;
    if (name !== 'created' && this.#isBare && id !== undefined && response.id !== id) {
      throw new OpenAIError('The event is about another response than those before it.');
    }
    const { output = name === 'created' ? [] : undefined } = response;
    if (output === undefined) {
      const { output: _, ...rest } = response;
      const next = accumulateResponse(created({ ...rest, output: [] }));
      next.output_text = this.#response.output_text;
      next.output = known;
      this.#response = next;
      return;
    }
    if (!Array.isArray(output)) throw new OpenAIError('The output of a response must be a list.');
    this.#sparse.clear();
    this.#unnamed.clear();
    this.#places = output.map((_item, place) => place);
    const items = output.map((item: unknown, place) => this.#checked(place, item));
    this.#response = accumulateResponse(created({ ...response, output: items }));
  }

  #item(place: number, event: Wire, stage: string): void {
    const sparse = this.#sparse.get(place);
    const at = this.#places.indexOf(place);
    const unnamed = this.#unnamed.get(place);
    const item = this.#checked(place, event.item, at < 0 || stage === 'added' ? undefined : unnamed);
    const isIt = sparse === undefined || (sparse.kind === item.type && (sparse.item_id === item.id || this.#unnamed.has(place)));
    if (!isIt) throw new OpenAIError(`The item at ${place} is not what events before it told of.`);
    const { output } = this.#response;
    if (at >= 0) {
      // A call may be told its id when it is done.
      const before = this.#itemAt(place) as Item;
      if (unnamed !== undefined && (unnamed.id ?? item.id) === item.id) before.id = item.id;
      this.#forwardTo(at, { ...event, item });
    } else {
      const type = 'response.output_item.added';
      accumulateResponse({ ...event, type, item, output_index: output.length } as unknown as ResponseStreamEvent, this.#response);
      const behind = this.#places.findIndex((other) => other > place);
      const to = behind < 0 ? this.#places.length : behind;
      this.#places.splice(to, 0, place);
      output.splice(to, 0, ...output.splice(output.length - 1, 1));
    }
    this.#sparse.delete(place);
  }

  /** An item that is well formed; a call without an id has one of its own until it is copied. */
  #checked(place: number, item: unknown, unnamed?: { name: string; id?: string }): Item {
    if (!isObject(item) || typeof item.type !== 'string' || !OUTPUT_ITEMS.has(item.type)) {
      throw new OpenAIError(`The output item at ${place} has no known type.`);
    }
    const fields = CALLS.get(item.type) ?? [];
    if (fields.some((field) => typeof item[field] !== 'string')) {
      throw new OpenAIError(`The call at ${place} must have ${fields.join(', ')}, which are texts.`);
    }
    if (item.call_id === '' && (item.type === 'custom_tool_call' || item.type.startsWith('shell_call'))) {
      throw new OpenAIError(`The call_id of the call at ${place} must not be empty.`);
    }
    if (item.type === 'message') {
      if (!Array.isArray(item.content)) throw new OpenAIError(`The content of the message at ${place} must be a list.`);
      for (const part of item.content as unknown[]) requirePart(part);
    }
    if (item.id === undefined && (item.type === 'function_call' || item.type === 'custom_tool_call')) {
      const named = unnamed ?? { name: `\0${this.#names++}` };
      this.#unnamed.set(place, named);
      return { ...item, id: named.name } as Item;
    }
    this.#unnamed.delete(place);
    return item as Item;
  }

  #text(place: number, event: Wire, kind: string, field: 'arguments' | 'input' | 'text' | 'refusal', isDone: boolean): void {
    const isInPart = field === 'text' || field === 'refusal';
    const index = isInPart ? indexOf(event, 'content_index') : 0;
    const text = event[isDone ? field : 'delta'];
    if (typeof text !== 'string') throw new OpenAIError('A piece of a Responses WebSocket text must be a text.');
    const item = this.#own(place, event, kind);
    if (item !== undefined && (!isInPart || index < (item.content as Wire[]).length)) return this.#forward(place, event);
    const sparse = this.#sparseAt(place, event, kind);
    if (!isInPart) {
      sparse.input[field] = isDone ? text : (sparse.input[field] ?? '') + text;
      return;
    }
    const data = sparse.content.get(index) ?? {};
    sparse.content.set(index, data);
    if (data.type !== undefined && data.type !== (field === 'text' ? 'output_text' : 'refusal')) {
      throw new OpenAIError(`The part at ${index} is of another type.`);
    }
    data[field] = isDone ? text : ((data[field] as string | undefined) ?? '') + text;
    if (field === 'text') withLogprobs(data, event, isDone);
  }

  #part(place: number, event: Wire): void {
    const index = indexOf(event, 'content_index');
    const { part } = event;
    requirePart(part);
    const { type } = part;
    if (type !== 'output_text' && type !== 'refusal') return this.#forward(place, event);
    const item = this.#own(place, event, 'message');
    const length = item?.content?.length ?? -1;
    if (index < length || (index === length && event.type === 'response.content_part.added')) {
      this.#forward(place, event);
      const sparse = this.#sparse.get(place);
      sparse?.content.delete(index);
      if (sparse?.content.size === 0) this.#sparse.delete(place);
    } else this.#sparseAt(place, event, 'message').content.set(index, detached(part));
  }

  #shellOutput(place: number, event: Wire, isDone: boolean): void {
    const index = indexOf(event, 'command_index');
    const output = this.#itemAt(place);
    if (output?.type !== 'shell_call_output' || !Array.isArray(output.output) || output.id !== event.item_id) {
      throw new OpenAIError(`There is no output of a shell at ${place} that the event is about.`);
    }
    const { output: items } = this.#response;
    const call = (items as unknown as Item[]).find(({ type, call_id }) => type === 'shell_call' && call_id === output.call_id);
    const commands = (call?.action as Wire | undefined)?.commands;
    if (call !== undefined && !(Array.isArray(commands) && index < commands.length)) {
      throw new OpenAIError(`The shell was given no command ${index}.`);
    }
    const { delta, output: whole } = event;
    if (isDone ? !Array.isArray(whole) : !isObject(delta)) throw new OpenAIError('The output of a shell is missing.');
    const known = this.#sparseAt(place, event, 'shell_call_output').commands;
    if (isDone) {
      known.set(index, { output: detached(whole as object) });
      return;
    }
    const data = known.get(index) ?? {};
    known.set(index, data);
    for (const name of ['stdout', 'stderr']) {
      const piece = (delta as Wire)[name];
      if (piece === undefined) continue;
      if (typeof piece !== 'string') throw new OpenAIError('A piece of the output of a shell must be a text.');
      data[name] = ((data[name] as string | undefined) ?? '') + piece;
    }
  }

  /** The item at a place, which has to be of the type and the id of an event; `undefined` where none came yet. */
  #own(place: number, event: Wire, kind: string): Item | undefined {
    const id = event.item_id;
    if (typeof id !== 'string' || id === '') throw new OpenAIError(`${String(event.type)} must have an item_id.`);
    const item = this.#itemAt(place);
    if (item === undefined) return undefined;
    const unnamed = this.#unnamed.get(place);
    if (item.type !== kind || (unnamed === undefined ? item.id : (unnamed.id ??= id)) !== id) {
      throw new OpenAIError(`The item at ${place} is another one, or of another type.`);
    }
    return item;
  }

  #sparseAt(place: number, event: Wire, kind: string): Sparse {
    const item_id = event.item_id as string;
    let sparse = this.#sparse.get(place);
    if (sparse === undefined) {
      sparse = { kind, item_id, input: {}, content: new Map(), commands: new Map() };
      this.#sparse.set(place, sparse);
      this.#isBare = true;
    }
    if (sparse.kind !== kind || sparse.item_id !== item_id) {
      throw new OpenAIError(`The item at ${place} is another one, or of another type.`);
    }
    return sparse;
  }

  /** An event about an item that is there. */
  #forward(place: number, event: Wire): void {
    const at = this.#places.indexOf(place);
    if (at < 0) throw new OpenAIError(`There is no output item at ${place}.`);
    this.#forwardTo(at, event);
  }

  #forwardTo(at: number, event: Wire): void {
    const unnamed = this.#unnamed.get(this.#places[at] as number);
    const item_id = unnamed === undefined || event.item_id === undefined ? event.item_id : unnamed.name;
    accumulateResponse({ ...event, item_id, output_index: at } as unknown as ResponseStreamEvent, this.#response);
  }

  /** The texts of the answer in the order of their places, with those whose part has not come. */
  #outputText(): string {
    let text = '';
    const places = new Set([...this.#places, ...this.#sparse.keys()]);
    for (const place of [...places].sort((a, b) => a - b)) {
      const item = this.#itemAt(place);
      const parts = new Map(this.#sparse.get(place)?.content);
      if (item?.type === 'message') item.content?.forEach((part, index) => parts.set(index, part));
      for (const [, { type, text: piece }] of sorted(parts)) {
        if ((type === undefined || type === 'output_text') && typeof piece === 'string') text += piece;
      }
    }
    return text;
  }
}

function created(response: object): ResponseStreamEvent {
  return { type: 'response.created', response } as unknown as ResponseStreamEvent;
}

function isObject(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function requirePart(part: unknown): asserts part is Wire {
  if (!isObject(part) || (part.type === 'output_text' && typeof part.text !== 'string')) {
    throw new OpenAIError('A part of the content must be an object, and the text of an output_text a text.');
  }
}

function indexOf(event: Wire, name: string): number {
  const index = event[name];
  if (!Number.isSafeInteger(index) || (index as number) < 0) {
    throw new OpenAIError(`${name} must be a safe integer, zero or more, not ${String(index)}.`);
  }
  return index as number;
}

function element(list: unknown, index: number | undefined): unknown {
  return Array.isArray(list) && index !== undefined ? (list as unknown[])[index] : undefined;
}

function withLogprobs(data: Wire, event: Wire, isDone: boolean): void {
  if (!('logprobs' in event)) return;
  const { logprobs } = event;
  if (!isDone && Array.isArray(data.logprobs) && Array.isArray(logprobs)) data.logprobs.push(...(detached(logprobs) as unknown[]));
  else data.logprobs = typeof logprobs === 'object' && logprobs !== null ? detached(logprobs) : logprobs;
}

function sorted<Value>(map: Map<number, Value>): [number, Value][] {
  return [...map].sort(([a], [b]) => a - b);
}

function rows(map: Map<number, Wire>, name: string): object[] {
  return sorted(map).map(([index, data]) => ({ [name]: index, data: detached(data) }));
}
