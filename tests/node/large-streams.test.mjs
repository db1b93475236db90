// Streams of unusual size: each runs in a process of its own, whose memory is looked at in the end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENTRY, mockServer, OpenAI, clientOf, CHAT, runNode } from './support.mjs';

const server = mockServer();
const MIB = 1 << 20;

/** Reads a small stream and then the one in question. */
const PROGRAM = `
const [entry, baseURL] = process.argv.slice(1);
const { default: OpenAI } = await import(entry);
const client = new OpenAI({ apiKey: 'k', baseURL, maxRetries: 0 });
const peak = () => process.resourceUsage().maxRSS * 1024;
let lengths;
async function read() {
  lengths = [];
  const stream = await client.chat.completions.create({ model: 'm', messages: [], stream: true });
  for await (const { id, list = [] } of stream) lengths.push(id.length + list.length);
}
await read();
const before = peak();
await read();
console.log(JSON.stringify({ lengths, grown: peak() - before }));
`;

async function read(exchange) {
  const small = { chunks: ['data: {"id":"a"}\n\n', 'data: [DONE]\n\n'] };
  const baseURL = server.script({ exchanges: [small, exchange] });
  const { stdout } = await runNode(PROGRAM, { args: [ENTRY, baseURL], limit: 100_000 });
  return JSON.parse(stdout);
}

test('an event of 64 MiB arrives, in memory for a few of it', async () => {
  const pieces = { text: 'x'.repeat(MIB / 16), times: 64 * 16 };
  const { lengths, grown } = await read({ chunks: ['data: {"id":"', pieces, '"}\n\n', 'data: [DONE]\n\n'] });
  assert.deepEqual(lengths, [64 * MIB]);
  // The line, the memory that it grew in, the batch, and V8's two texts.
  assert.ok(grown < 6 * 64 * MIB, `${grown} bytes`);
});

test('comments without an end take no memory', async () => {
  const comments = { text: `: ${'-'.repeat(8190)}\n`.repeat(8), times: 1000 };
  const { lengths, grown } = await read({ chunks: ['data: {"id":"a"}\n\n', comments, '\ndata: {"id":"bc"}\n\n'] });
  assert.deepEqual(lengths, [1, 2]);
  assert.ok(grown < 24 * MIB, `${grown} bytes`);
});

test('ten thousand lines of data are one event', async () => {
  const lines = { text: 'data: 1,\n', times: 10_000 };
  const { lengths, grown } = await read({ chunks: ['data: {"id":"a","list":[\n', lines, 'data: 1]}\n\n'] });
  assert.deepEqual(lengths, [1 + 10_001]);
  assert.ok(grown < 24 * MIB, `${grown} bytes`);
});

test('each byte may come alone', async () => {
  const text = `${`data: {"id":"${'é'.repeat(4000)}"}\r\n\r\n`.repeat(3)}data: [DONE]\n\n`;
  assert.deepEqual((await read({ text, split: 1 })).lengths, [4000, 4000, 4000]);
});

test('an event past the cap is one error that names it', async () => {
  const pieces = { text: 'x'.repeat(MIB), times: 257 };
  const baseURL = server.script({ exchanges: [{ chunks: ['data: {"id":"a"}\n\n', 'data: "', pieces] }] });
  const stream = await clientOf(baseURL).chat.completions.create({ ...CHAT, stream: true });
  const ids = [];
  await assert.rejects(
    async () => {
      for await (const { id } of stream) ids.push(id);
    },
    (error) => error.constructor === OpenAI.APIConnectionError && error.message.includes(`${256 * MIB} bytes`),
  );
  assert.deepEqual(ids, ['a']);
});
