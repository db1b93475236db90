// Runs aimock, a server that nobody here wrote, with the faults that it knows. Prints its URL, and ends with its input.
//
// Run as `node server.mjs FOLDER`, where FOLDER is the package `@copilotkit/aimock`. The last message of a request chooses
// what happens; the headers `x-aimock-chaos-*` do the rest.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { LLMock } = await import(pathToFileURL(join(process.argv[2], 'dist', 'index.js')).href);

const TEXT = 'Water falls, turns the wheel, and runs off down the tailrace – é🌊 – to the river.';
const mock = new LLMock({ port: 0, logLevel: 'silent' });
const say = (message, options, response = { content: TEXT }) => mock.onMessage(message, response, options);
say('whole', { chunkSize: 5 });
say('tool', { chunkSize: 5 }, { toolCalls: [{ name: 'weather', arguments: { city: 'Graz' } }] });
say('cut after three chunks', { chunkSize: 5, truncateAfterChunks: 3 });
say('cut after one chunk', { chunkSize: 5, truncateAfterChunks: 1 });
say('cut in time', { chunkSize: 5, latency: 40, disconnectAfterMs: 150 });
say('an error', {}, { error: { message: 'Rate limited', type: 'rate_limit_error', code: 'slow' }, status: 429 });
await mock.start();
process.stdout.write(`${JSON.stringify({ url: mock.url })}\n`);
process.stdin.resume();
process.stdin.on('end', () => process.exit());
