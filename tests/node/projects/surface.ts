// A user's project: resources, pages, uploads, helpers and the names of the namespace. Never run.

import fs from 'node:fs';
import OpenAI, {
  APIPromise,
  AzureOpenAI,
  BedrockOpenAI,
  ComputerToolset,
  PagePromise,
  toFile,
  toStreamingFile,
  type AzureClientOptions,
  type BedrockClientOptions,
  type ComputerDriver,
  type Uploadable,
} from 'tailrace';
import { k8sServiceAccountTokenProvider } from 'tailrace/auth';
import { AzureOpenAI as Azure } from 'tailrace/azure';
import { AbstractPage, CursorPage } from 'tailrace/pagination';
import { zodResponseFormat } from 'tailrace/helpers/zod';
import { AssistantStream } from 'tailrace/lib/AssistantStream';
import { ChatCompletionStream } from 'tailrace/lib/ChatCompletionStream';
import type { RunnableToolFunction } from 'tailrace/lib/RunnableFunction';
import { OpenAIRealtimeWS } from 'tailrace/realtime/ws';
import { OpenAIRealtimeWebSocket } from 'tailrace/realtime/websocket';
import { Files, type FileObject } from 'tailrace/resources/files';
import type { Run } from 'tailrace/resources/beta/threads/runs/runs';
import type { VectorStoreFile } from 'tailrace/resources/vector-stores/files';
import type { UnwrapWebhookEvent } from 'tailrace/resources/webhooks/webhooks';
import { ResponsesWS } from 'tailrace/resources/responses/ws';
import { toFile as sameToFile } from 'tailrace/uploads';

const client = new OpenAI({ apiKey: 'k', adminAPIKey: 'a', webhookSecret: 's', dataResidency: 'eu' });

async function pages(): Promise<void> {
  const promise: PagePromise<OpenAI.FileObjectsPage, OpenAI.FileObject> = client.files.list({ limit: 2 });
  for await (const item of promise) void (item satisfies FileObject);
  const page = await client.files.list({ headers: { a: null } });
  const more: boolean = page.hasNextPage();
  const items: FileObject[] = page.getPaginatedItems();
  const next: OpenAI.CursorPage<FileObject> = await page.getNextPage();
  for await (const each of next.iterPages()) void (each satisfies CursorPage<FileObject>);
  const { data, response, request_id } = await client.models.list().withResponse();
  const isPage: boolean = data instanceof AbstractPage;
  const own = client.getAPIList<{ id: string }, CursorPage<{ id: string }>>('/x', CursorPage, { query: { a: 1 } });
  void [more, items, response.status, request_id satisfies string | null, isPage, (await own).data[0]?.id];
}

async function uploads(): Promise<void> {
  const file: File = await toFile(Buffer.from('a'), 'a.txt', { type: 'text/plain' });
  const all: Uploadable[] = [
    file,
    fs.createReadStream('a'),
    new Blob(['a']),
    new Response('a'),
    toStreamingFile(fs.createReadStream('a'), 'a'),
  ];
  for (const each of all) void (await client.files.create({ file: each, purpose: 'assistants' })).id;
  const batch = await client.vectorStores.fileBatches.uploadAndPoll('vs', { files: all }, { maxConcurrency: 2 });
  const one: VectorStoreFile = await client.vectorStores.files.uploadAndPoll('vs', file, { pollIntervalMs: 1 });
  void [batch.file_counts.failed, one.status, sameToFile === toFile, OpenAI.toFile === toFile];
}

async function others(): Promise<void> {
  const speech: Response = await client.audio.speech.create({ model: 'tts-1', input: 'i', voice: 'alloy' });
  const vector: number[] | undefined = (await client.embeddings.create({ model: 'm', input: 'x' })).data[0]?.embedding;
  const event: UnwrapWebhookEvent = await client.webhooks.unwrap('{}', new Headers());
  if (event.type === 'batch.completed') void (event.data.id satisfies string);
  const run: Run = await client.beta.threads.createAndRunPoll({ assistant_id: 'a' }, { pollIntervalMs: 1 });
  const keys = await client.admin.organization.adminAPIKeys.list();
  const promise: APIPromise<OpenAI.ModelDeleted> = client.models.delete('m');
  const built = await client.buildRequest({ method: 'post', path: '/x', body: {} });
  void [
    speech.body,
    vector,
    run.status,
    keys.data,
    promise,
    built.req.headers.get('a'),
    client.buildURL('/x', { a: [1] }),
  ];
}

const params: OpenAI.Chat.ChatCompletionCreateParamsNonStreaming = { model: 'm', messages: [] };
const message: OpenAI.ChatCompletionMessageParam = { role: 'user', content: 'hi' };
const input: OpenAI.Responses.ResponseInputItem = { role: 'user', content: 'hi' };
const tool: OpenAI.Chat.Completions.ChatCompletionTool = { type: 'function', function: { name: 'f' } };
const options: OpenAI.RequestOptions = { timeout: 1, fetchOptions: { redirect: 'manual' } };
const job: OpenAI.FineTuning.Jobs.FineTuningJob | undefined = undefined;
const thread: OpenAI.Beta.Threads.Runs.Run | undefined = undefined;
const metadata: OpenAI.Metadata = { a: 'b' };
const region: OpenAI.DataResidency = 'us';
const resource: OpenAI.Files = new OpenAI.Files(client);
const same: boolean = resource instanceof Files && resource instanceof OpenAI.Files;
const azure: AzureClientOptions = { endpoint: 'https://e', apiVersion: 'v', deployment: 'd' };
const bedrock: BedrockClientOptions = { awsRegion: 'r' };

class Mine extends OpenAI {
  protected override async prepareOptions(given: Parameters<OpenAI['request']>[0] & object): Promise<void> {
    void given;
  }
  protected override defaultQuery(): Record<string, string | undefined> | undefined {
    return { a: 'b' };
  }
}

// @ts-expect-error A page has no such member.
void (async () => (await client.files.list()).nothing);
// @ts-expect-error The purpose is one of a list.
void client.files.create({ file: new File([], 'a'), purpose: 5 });
// @ts-expect-error Admin keys are listed, not created without a name.
void client.admin.organization.adminAPIKeys.create({});

type Later = [ComputerDriver, RunnableToolFunction<{ a: 1 }>, AssistantStream, ChatCompletionStream<null>];
void [
  pages,
  uploads,
  others,
  params,
  message,
  input,
  tool,
  options,
  job,
  thread,
  metadata,
  region,
  same,
  azure,
  bedrock,
];
void [Mine, AzureOpenAI, Azure, BedrockOpenAI, ComputerToolset, k8sServiceAccountTokenProvider, zodResponseFormat];
void [OpenAIRealtimeWS, OpenAIRealtimeWebSocket, ResponsesWS, undefined as unknown as Later];
