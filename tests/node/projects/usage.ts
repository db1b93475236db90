// A user's project: what has to compile with `--strict`, as an ES module and as CommonJS. Never run.

import OpenAI, { APIError, APIPromise, OpenAI as Named, type ClientOptions } from 'tailrace';
import { RateLimitError } from 'tailrace/error';
import { Stream } from 'tailrace/streaming';
import { Stream as CoreStream } from 'tailrace/core/streaming';
import { MockServer } from 'tailrace/testing';
import type { ChatCompletionChunk, ChatCompletionMessageParam } from 'tailrace/resources/chat/completions';
import type { ResponseStreamEvent } from 'tailrace/resources/responses/responses';
import { Chat, Responses } from 'tailrace/resources';
import { type DeepPartial, SchemaViolationError } from 'tailrace';
import type { AutoParseableResponseFormat } from 'tailrace/lib/parser';

interface Plan {
  title: string;
  steps: { n: number }[];
}

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T | undefined => undefined;

const options: ClientOptions = { apiKey: 'k', timeout: 1000, defaultHeaders: { a: null, b: 'c' } };
const client: Named = new OpenAI(options);
const derived: OpenAI = client.withOptions({ maxRetries: 0, logLevel: 'off' });

async function chat(): Promise<void> {
  const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: 'hi' }];
  const whole = await client.chat.completions.create({ model: 'm', messages });
  const text: string | null | undefined = whole.choices[0]?.message.content;
  const id: string | null | undefined = whole._request_id;
  const stream = await client.chat.completions.create(
    { model: 'm', messages, stream: true },
    { timeout: 5, signal: null },
  );
  holds<Equal<typeof stream extends Stream<ChatCompletionChunk> ? true : false, true>>();
  for await (const chunk of stream) {
    const delta: string | null | undefined = chunk.choices[0]?.delta.content;
    void delta;
  }
  const [left, right]: [CoreStream<ChatCompletionChunk>, Stream<ChatCompletionChunk>] = stream.tee();
  const body: ReadableStream = left.toReadableStream();
  stream.controller.abort();
  void [text, id, right, body];
}

async function structured(format: AutoParseableResponseFormat<Plan>): Promise<void> {
  const asked = { model: 'm', messages: [], response_format: format };
  const stream = client.chat.completions.stream(asked, { onInvalid: 'retry', attempts: 2 });
  holds<Equal<typeof stream.partial, DeepPartial<Plan> | undefined>>();
  holds<Equal<DeepPartial<Plan>, { title?: string; steps?: { n?: number }[] }>>();
  for await (const plan of stream.partials()) void plan.steps?.[0]?.n?.toFixed();
  for await (const step of stream.items('steps')) step.n.toFixed();
  for await (const other of stream.items('elsewhere')) holds<Equal<typeof other, unknown>>();
  for await (const step of stream.items('/steps')) holds<Equal<typeof step, { n: number }>>();
  holds<Equal<typeof stream.attempt, number>>();
  const parsed: Plan | null | undefined = (await client.chat.completions.parse(asked, { onInvalid: 'abort' })).choices[0]?.message.parsed;
  void parsed;
  try {
    await stream.done();
  } catch (error) {
    if (error instanceof SchemaViolationError) void [error.pointer, error.offset.toFixed(), error.schemaPath, error.attempts];
  }
}

interface Tree {
  plan: { steps: string[]; 'a/b': { '~': boolean[]; '~1': number[] } };
  rows: { cells: number[] }[];
  maybe?: { list?: string[] | null } | null;
  named: Record<string, number[]>;
  '': Date[];
}

/** The elements that a path of a stream leads to. */
async function paths(format: AutoParseableResponseFormat<Tree>, list: AutoParseableResponseFormat<Plan[]>): Promise<void> {
  const stream = client.chat.completions.stream({ model: 'm', messages: [], response_format: format });
  for await (const step of stream.items('plan.steps')) holds<Equal<typeof step, string>>();
  for await (const step of stream.items('/plan/steps')) holds<Equal<typeof step, string>>();
  for await (const flag of stream.items('/plan/a~1b/~0')) holds<Equal<typeof flag, boolean>>();
  for await (const count of stream.items('/plan/a~1b/~01')) holds<Equal<typeof count, number>>();
  for await (const cell of stream.items('/rows/3/cells')) holds<Equal<typeof cell, number>>();
  for await (const cell of stream.items('rows.*.cells')) holds<Equal<typeof cell, number>>();
  for await (const text of stream.items('/maybe/list')) holds<Equal<typeof text, string>>();
  for await (const text of stream.items('maybe.list')) holds<Equal<typeof text, string>>();
  for await (const count of stream.items('/named/whatever')) holds<Equal<typeof count, number>>();
  for await (const date of stream.items('/')) holds<Equal<typeof date, Date>>();
  // What the type of the answer does not tell.
  for await (const other of stream.items('/plan')) holds<Equal<typeof other, unknown>>();
  for await (const other of stream.items('/plan.steps')) holds<Equal<typeof other, unknown>>();
  for await (const other of stream.items('plan/steps')) holds<Equal<typeof other, unknown>>();
  for await (const other of stream.items('')) holds<Equal<typeof other, unknown>>();
  for await (const other of stream.items('/plan/steps' as string)) holds<Equal<typeof other, unknown>>();
  const whole = client.chat.completions.stream({ model: 'm', messages: [], response_format: list });
  for await (const plan of whole.items('')) holds<Equal<typeof plan, Plan>>();
  const plain = client.chat.completions.stream({ model: 'm', messages: [] });
  for await (const other of plain.items('/steps')) holds<Equal<typeof other, unknown>>();
}

async function responses(): Promise<void> {
  const answer = await client.responses.create({ model: 'm', input: 'hi' });
  const text: string = answer.output_text;
  const { data, response, request_id } = await client.responses
    .create({ model: 'm', input: 'hi', stream: true })
    .withResponse();
  for await (const event of data) {
    holds<Equal<typeof event, ResponseStreamEvent>>();
    if (event.type === 'response.output_text.delta') text.concat(event.delta);
  }
  const raw: Response = await client.responses.create({ model: 'm', input: 'hi' }).asResponse();
  const headers: Headers = raw.headers;
  const requestId: string | null = request_id;
  void [response.status, headers, requestId];
  // @ts-expect-error A response needs an object.
  await client.responses.create(5);
}

async function lowLevel(): Promise<void> {
  const promise: APIPromise<{ a: number }> = client.post<{ a: number }>('/x', { body: { b: 1 }, query: { c: [1] } });
  const value: number = (await promise).a;
  await Promise.all([client.get('/x'), client.put('/x'), client.patch('/x'), client.delete('/x')]);
  void value;
}

function failures(error: unknown): number | undefined {
  if (error instanceof OpenAI.RateLimitError || error instanceof RateLimitError)
    return error.headers.get('x') ? 429 : 0;
  if (error instanceof APIError) return error.status;
  if (error instanceof OpenAI.APIConnectionError) return error.status;
  return undefined;
}

const named: [OpenAI.Chat.ChatCompletionMessageParam, OpenAI.ChatCompletionTool | undefined, OpenAI.ChatModel] = [
  { role: 'system', content: 'x' },
  undefined,
  'gpt-4o',
];
const nested: OpenAI.Chat.Completions.ChatCompletionChunk.Choice['delta'] = { content: null };
const input: OpenAI.Responses.ResponseCreateParamsStreaming = { model: 'm', input: 'x', stream: true };
const request: OpenAI.RequestOptions = { timeout: 5, idempotencyKey: 'k' };
const usage: OpenAI.CompletionUsage | OpenAI.ResponseFormatJSONSchema | undefined = undefined;
// @ts-expect-error The role has to be one of the roles.
const wrong: OpenAI.ChatCompletionMessageParam = { role: 'nobody', content: 'x' };

const server = new MockServer({ intervalMs: 1 });
const url: string = server.script({ exchanges: [{ json: {} }] });
server.stop();
const groups: [Chat, Responses] = [client.chat, client.responses];
void [named, nested, input, request, usage, wrong];
void [derived, chat, structured, paths, responses, lowLevel, failures, url, groups];
