/** A response, built up from the events of its stream. */

import { OpenAIError } from '../../core/error.js';
import { detached } from '../../internal/detached.js';
import { type Response, type ResponseStreamEvent } from '../../resources/responses/responses.js';

type ResponseKeepAliveEvent = {
  type: 'keepalive';
  sequence_number: number;
};

/** An event as it is read here: any field may be absent or of another type, for servers are many. */
interface Event {
  type: string;
  output_index: number;
  item_id?: unknown;
  [field: string]: unknown;
}

/** An output item, likewise. */
interface Item {
  type: string;
  content?: Part[];
  summary?: Part[];
  [field: string]: unknown;
}

interface Part {
  type: string;
  [field: string]: unknown;
}

interface Snapshot {
  output: Item[];
  output_text: string;
}

/** What an event does to a snapshot that it may change. */
type Step = (snapshot: Snapshot, event: Event) => void;

/** What an event does to the item that it belongs to. */
type ItemStep = (item: Item, event: Event, snapshot: Snapshot) => void;

/**
 * Adds an event to a response.
 *
 * A lifecycle event (`response.created`, `response.completed` and the like) brings a whole response and gives a new object.
 * Every other event changes `snapshot`, in time that depends on the event and not on the text so far. Nothing of an event
 * is kept, so it may be changed afterwards.
 *
 * @param snapshot - What the last call returned; left out for the first event.
 * @returns The response so far.
 * @throws {OpenAIError} The first event is not `response.created`, an event is of an unknown type, or what it belongs to is
 *   not there.
 */
export function accumulateResponse(event: ResponseStreamEvent | ResponseKeepAliveEvent, snapshot?: Response): Response {
  const type = (event as { type?: unknown } | null | undefined)?.type;
  // The text of the event stays out of the message: it may hold what a model said.
  if (typeof type !== 'string' || !(LIFECYCLE.has(type) || STEPS.has(type))) {
    throw new OpenAIError('Unhandled response stream event: unknown');
  }
  if (snapshot === undefined && type !== 'response.created') {
    throw new OpenAIError(`When snapshot hasn't been set yet, expected 'response.created' event, got ${type}`);
  }
  if (LIFECYCLE.has(type)) return whole((event as { response?: object }).response);
  STEPS.get(type)?.(snapshot as unknown as Snapshot, event as unknown as Event);
  return snapshot as Response;
}

/** Events that bring the whole response. */
const LIFECYCLE: ReadonlySet<string> = new Set(
  ['created', 'queued', 'in_progress', 'completed', 'failed', 'incomplete'].map((name) => `response.${name}`),
);

/** What each of the other events does. */
const STEPS: ReadonlyMap<string, Step> = new Map<string, Step>([
  ...['keepalive', 'error', 'response.audio.delta', 'response.audio.done'].map(nothing),
  ...['response.audio.transcript.delta', 'response.audio.transcript.done'].map(nothing),

  ['response.output_item.added', addItem],
  ['response.output_item.done', finishItem],
  ['response.content_part.added', inItem(undefined, addPart)],
  ['response.content_part.done', inItem(undefined, finishPart)],

  ['response.output_text.delta', inItem('message', appendText)],
  ['response.output_text.done', inItem('message', replaceText)],
  ['response.output_text.annotation.added', inItem('message', annotate)],
  ['response.refusal.delta', inItem('message', inPart('refusal', 'refusal', 'delta'))],
  ['response.refusal.done', inItem('message', inPart('refusal', 'refusal', 'refusal'))],
  ['response.reasoning_text.delta', inItem('reasoning', inPart('reasoning_text', 'text', 'delta'))],
  ['response.reasoning_text.done', inItem('reasoning', inPart('reasoning_text', 'text', 'text'))],
  ['response.reasoning_summary_part.added', inItem('reasoning', addSummary)],
  ['response.reasoning_summary_part.done', inItem('reasoning', finishSummary)],
  ['response.reasoning_summary_text.delta', inItem('reasoning', inSummary('delta'))],
  ['response.reasoning_summary_text.done', inItem('reasoning', inSummary('text'))],

  ...texts('function_call_arguments', 'function_call', 'arguments'),
  ...texts('mcp_call_arguments', 'mcp_call', 'arguments'),
  ...texts('custom_tool_call_input', 'custom_tool_call', 'input'),
  ...texts('code_interpreter_call_code', 'code_interpreter_call', 'code'),

  ...statuses('file_search_call', ['in_progress', 'searching', 'completed']),
  ...statuses('web_search_call', ['in_progress', 'searching', 'completed']),
  ...statuses('code_interpreter_call', ['in_progress', 'interpreting', 'completed']),
  ...statuses('image_generation_call', ['in_progress', 'generating', 'completed']),
  ...statuses('mcp_call', ['in_progress', 'completed', 'failed']),
  ['response.image_generation_call.partial_image', inItem('image_generation_call', () => {})],
  ['response.compaction.compacting', inItem('compaction', () => {})],
  ...['in_progress', 'completed', 'failed'].map(
    (name): [string, Step] => [`response.mcp_list_tools.${name}`, inItem('mcp_list_tools', () => {})],
  ),

  ['response.shell_call_command.added', command('command', (count) => count + 1)],
  ['response.shell_call_command.delta', command('delta', (count) => count)],
  ['response.shell_call_command.done', command('command', (count) => count)],
  ['response.shell_call_output_content.delta', inItem('shell_call_output', appendOutput)],
  ['response.shell_call_output_content.done', inItem('shell_call_output', finishOutput)],
]);

/** Items that a later request answers by `call_id`, so that they are no use without one. */
const CALLS: ReadonlySet<string> = new Set([
  'custom_tool_call',
  'function_call',
  'shell_call',
  'shell_call_output',
]);

function nothing(type: string): [string, Step] {
  return [type, () => {}];
}

/** The two events of a text that grows in a field of an item. */
function texts(name: string, type: string, field: string): [string, Step][] {
  const append = (item: Item, event: Event) => void (item[field] = joined(item[field] ?? (field === 'code' ? '' : undefined), event.delta));
  const replace = (item: Item, event: Event) => void (item[field] = event[field]);
  return [
    [`response.${name}.delta`, inItem(type, append)],
    [`response.${name}.done`, inItem(type, replace)],
  ];
}

/** The events that say how far a built-in tool is. */
function statuses(type: string, names: string[]): [string, Step][] {
  return names.map((name) => [`response.${type}.${name}`, inItem(type, (item) => void (item.status = name))]);
}

/** A step of the item that an event names by its place and its id. */
function inItem(type: string | undefined, step: ItemStep): Step {
  return (snapshot, event) => {
    if (typeof event.item_id !== 'string' || event.item_id === '') {
      throw new OpenAIError(`expected a non-empty item_id for ${event.type}`);
    }
    const item = itemOf(snapshot, event);
    if (event.item_id !== item.id) throw new OpenAIError(`expected item_id '${String(item.id)}', got '${event.item_id}'`);
    if (type !== undefined) requireType(item, type);
    step(item, event, snapshot);
  };
}

function itemOf(snapshot: Snapshot, event: Event): Item {
  return at(snapshot.output, event.output_index, 'output') as Item;
}

/** The element at an index that came over the wire: nothing but the number of one that is there will do. */
function at(list: unknown, index: unknown, name: string): unknown {
  const elements = list as { length: number; [index: number]: unknown };
  if (!isIndex(index, elements?.length ?? 0)) throw new OpenAIError(`missing ${name} at index ${String(index)}`);
  return elements[index];
}

function isIndex(index: unknown, length: number): index is number {
  return Number.isInteger(index) && (index as number) >= 0 && (index as number) < length;
}

function requireType(item: Item, type: string): void {
  if (item.type !== type) throw new OpenAIError(`expected output item type '${type}', got '${item.type}'`);
}

/** A whole response, with `output_text`, which the API does not send. */
function whole(response: object | undefined): Response {
  const snapshot = detached(response as object) as Snapshot;
  const text = joinedText(snapshot);
  if (!Object.hasOwn(snapshot, 'output_text')) snapshot.output_text = text;
  identitiesIn(snapshot.output);
  return snapshot as unknown as Response;
}

function joinedText(snapshot: Snapshot): string {
  let text = '';
  for (const output of snapshot.output) {
    if (output.type !== 'message') continue;
    for (const content of output.content as Part[]) if (content.type === 'output_text') text += content.text;
  }
  return text;
}

/** Text and what follows; as JavaScript joins them when one of them is no text. */
function joined(text: unknown, delta: unknown): string {
  return `${text as string}${delta as string}`;
}

function addItem(snapshot: Snapshot, event: Event): void {
  if (event.output_index !== snapshot.output.length) {
    throw new OpenAIError(`missing output at index ${String(event.output_index)}`);
  }
  const item = detached(event.item as object) as Item;
  requireIdentity(item, event.type);
  const identities = identitiesIn(snapshot.output);
  identify(item, identities);
  snapshot.output.push(item);
  if (item.type === 'message') snapshot.output_text = joinedText(snapshot);
}

function finishItem(snapshot: Snapshot, event: Event): void {
  const before = itemOf(snapshot, event);
  const item = detached(event.item as object) as Item;
  requireIdentity(item, event.type);
  requireType(item, before.type);
  for (const name of CALLS.has(item.type) ? ['id', 'call_id'] : ['id']) {
    if (item[name] !== before[name]) {
      throw new OpenAIError(`expected output item ${name} '${String(before[name])}', got '${String(item[name])}'`);
    }
  }
  snapshot.output[event.output_index] = item;
  if (item.type === 'message') snapshot.output_text = joinedText(snapshot);
}

/** What the items of a list are told apart by; kept, because looking at all of them for each new one would add up. */
const known = new WeakMap<Item[], Set<string>>();

function identitiesIn(output: Item[]): Set<string> {
  const kept = known.get(output);
  if (kept !== undefined) return kept;
  const identities = new Set<string>();
  for (let index = 0; index < output.length; index++) {
    const item = at(output, index, 'output') as Item;
    requireIdentity(item, 'response snapshot');
    identify(item, identities);
  }
  known.set(output, identities);
  return identities;
}

function identify(item: Item, identities: Set<string>): void {
  const own = [`id:${item.id as string}`];
  if (CALLS.has(item.type)) own.push(`call:${item.type}:${item.call_id as string}`);
  for (const identity of own) {
    if (identities.has(identity)) throw new OpenAIError(`duplicate output item identity '${identity}'`);
  }
  for (const identity of own) identities.add(identity);
}

/** @param where - What brought the item. */
function requireIdentity(item: Item, where: string): void {
  if (!Object.hasOwn(item, 'type') || typeof item.type !== 'string') {
    throw new OpenAIError(`expected an own output item type for ${where}`);
  }
  // Computer calls of early models have an empty one.
  if (typeof item.id !== 'string' || (item.id === '' && item.type !== 'computer_call')) {
    throw new OpenAIError(`expected a non-empty output item id for ${where}`);
  }
  if (CALLS.has(item.type) && typeof item.call_id !== 'string') {
    throw new OpenAIError(`expected a non-empty output item call_id for ${where}`);
  }
}

function addPart(item: Item, event: Event, snapshot: Snapshot): void {
  const parts = partsFor(item, event.part as Part, () => (item.content ??= []));
  if (event.content_index !== parts.length) throw new OpenAIError(`missing content at index ${String(event.content_index)}`);
  parts.push(copied(event.part) as Part);
  if (item.type === 'message') snapshot.output_text = joinedText(snapshot);
}

function finishPart(item: Item, event: Event, snapshot: Snapshot): void {
  const parts = partsFor(item, event.part as Part, () => item.content as Part[]);
  at(parts, event.content_index, 'content');
  parts[event.content_index as number] = copied(event.part) as Part;
  if (item.type === 'message') snapshot.output_text = joinedText(snapshot);
}

/** The list that a part belongs to: reasoning has parts of one kind, a message all others. */
function partsFor(item: Item, part: Part, ofReasoning: () => Part[]): Part[] {
  if (part.type === 'reasoning_text') {
    requireType(item, 'reasoning');
    return ofReasoning();
  }
  requireType(item, 'message');
  return item.content as Part[];
}

function partOf(item: Item, event: Event, type: string): Part {
  const part = at(item.content, event.content_index, 'content') as Part;
  if (part.type !== type) throw new OpenAIError(`expected content to be '${type}', got ${part.type}`);
  return part;
}

/** A step of a text that grows in a part of an item: `delta` is appended, anything else replaces it. */
function inPart(type: string, field: string, from: string): ItemStep {
  return (item, event) => {
    const part = partOf(item, event, type);
    part[field] = from === 'delta' ? joined(part[field], event.delta) : event[from];
  };
}

function appendText(item: Item, event: Event, snapshot: Snapshot): void {
  const part = partOf(item, event, 'output_text');
  part.text = joined(part.text, event.delta);
  // The last text of all is the end of `output_text`, which so need not be joined anew for each delta.
  const isLast =
    event.output_index === snapshot.output.length - 1 && event.content_index === (item.content as Part[]).length - 1;
  if (isLast) snapshot.output_text = joined(snapshot.output_text, event.delta);
  else snapshot.output_text = joinedText(snapshot);
}

function replaceText(item: Item, event: Event, snapshot: Snapshot): void {
  const part = partOf(item, event, 'output_text');
  const text = event.text as string;
  const changes = text.length !== 0 || part.text !== '';
  part.text = text;
  if (changes) snapshot.output_text = joinedText(snapshot);
}

function annotate(item: Item, event: Event): void {
  const part = partOf(item, event, 'output_text');
  place(part.annotations, event.annotation_index, event.annotation, 'annotation');
}

/** Puts an element into a list, at most one place behind its end. */
function place(list: unknown, index: unknown, value: unknown, name: string): void {
  if (!Array.isArray(list) || !isIndex(index, list.length + 1)) {
    throw new OpenAIError(`missing ${name} at index ${String(index)}`);
  }
  list[index] = copied(value);
}

function copied(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? detached(value) : value;
}

function addSummary(item: Item, event: Event): void {
  const summary = item.summary as Part[];
  if (event.summary_index !== summary.length) throw new OpenAIError(`missing content at index ${String(event.summary_index)}`);
  summary.push(copied(event.part) as Part);
}

function finishSummary(item: Item, event: Event): void {
  at(item.summary, event.summary_index, 'content');
  (item.summary as Part[])[event.summary_index as number] = copied(event.part) as Part;
}

function inSummary(from: 'delta' | 'text'): ItemStep {
  return (item, event) => {
    const part = at(item.summary, event.summary_index, 'content') as Part;
    part.text = from === 'delta' ? joined(part.text, event.delta) : event.text;
  };
}

/** A step of a command of a shell call: such events name no item, and are passed over for items of another kind. */
function command(from: 'command' | 'delta', places: (count: number) => number): Step {
  return (snapshot, event) => {
    const item = itemOf(snapshot, event);
    if (item.type !== 'shell_call') return;
    const { commands } = item.action as { commands: unknown[] };
    const index = event.command_index;
    if (!Array.isArray(commands) || !isIndex(index, places(commands.length))) {
      throw new OpenAIError(`missing command at index ${String(index)}`);
    }
    commands[index] = from === 'delta' ? joined(commands[index], event.delta) : event.command;
  };
}

interface Streams {
  stdout: unknown;
  stderr: unknown;
  [field: string]: unknown;
}

function appendOutput(item: Item, event: Event): void {
  const outputs = item.output as Streams[];
  const index = event.command_index;
  if (!isIndex(index, outputs.length + 1)) throw new OpenAIError(`missing content at index ${String(index)}`);
  const streams = (outputs[index] ??= { stdout: '', stderr: '', outcome: { type: 'exit', exit_code: 0 } });
  const { stdout = '', stderr = '' } = event.delta as Partial<Streams>;
  streams.stdout = joined(streams.stdout, stdout);
  streams.stderr = joined(streams.stderr, stderr);
}

function finishOutput(item: Item, event: Event): void {
  const first = at(event.output, 0, 'content');
  place(item.output, event.command_index, first, 'content');
}

