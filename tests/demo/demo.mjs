// Streams a chat completion token by token, makes a plain call, catches a typed error, and ends with figures.
//
//     node tests/demo/demo.mjs [--live | --base-url URL] [--model MODEL]
//
// Without `--live` and `--base-url` it talks to the mock server inside the package: no key, no network.

import { parseArgs } from "node:util";

import OpenAI from "tailrace";
import { MockServer } from "tailrace/testing";

const messages = [{ role: "user", content: "In three short sentences: why is the sky blue?" }];

const { values: options } = parseArgs({
  options: {
    live: { type: "boolean", default: false },
    "base-url": { type: "string" },
    model: { type: "string", default: "gpt-5.4-mini" },
  },
});

async function main() {
  const { live, model, "base-url": baseURL } = options;
  if (live || baseURL) {
    // With `--live` the client finds key and address by itself, as in any program.
    const client = baseURL ? new OpenAI({ baseURL, apiKey: process.env.OPENAI_API_KEY ?? "none" }) : new OpenAI();
    await show(client, model);
    await printFigures(client, model, 1);
    return;
  }
  // A token each 30 ms, so that one sees them come; the figures are of streams without that pause.
  const slow = new MockServer({ intervalMs: 30 });
  const fast = new MockServer();
  try {
    await show(new OpenAI({ baseURL: slow.url, apiKey: "mock" }), model);
    await printFigures(new OpenAI({ baseURL: fast.url, apiKey: "mock" }), model, 200);
  } finally {
    slow.stop();
    fast.stop();
  }
}

async function show(client, model) {
  console.log(`Node ${process.versions.node}, ${client.baseURL}\n\n${messages[0].content}\n`);

  const stream = await client.chat.completions.create({ model, messages, stream: true });
  for await (const chunk of stream) {
    process.stdout.write(chunk.choices[0]?.delta.content ?? "");
  }
  console.log("\n");

  const completion = await client.chat.completions.create({ model, messages });
  console.log(`Not streamed: ${completion.choices[0].message.content}`);
  console.log(`${completion.usage?.total_tokens ?? 0} tokens, request ${completion._request_id}\n`);

  try {
    await client.chat.completions.create({ model: "does-not-exist", messages });
    console.log("This server knows every model.\n");
  } catch (error) {
    if (!(error instanceof OpenAI.APIError)) throw error;
    console.log(`Caught ${error.constructor.name}, status ${error.status}, code ${error.code}: ${error.message}\n`);
  }
}

async function printFigures(client, model, streams) {
  let chunks = 0;
  const firstTokens = [];
  const start = performance.now();
  const cpuBefore = process.cpuUsage();
  for (let count = 0; count < streams; count += 1) {
    const began = performance.now();
    let isFirst = true;
    for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) {
      if (isFirst) firstTokens.push(performance.now() - began);
      isFirst = false;
      chunks += chunk.choices.length;
    }
  }
  const seconds = (performance.now() - start) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const median = firstTokens.sort((a, b) => a - b)[Math.floor(streams / 2)];
  const rate = Math.round(chunks / seconds).toLocaleString("en-US");
  const perChunk = ((cpu.user + cpu.system) / Math.max(chunks, 1)).toFixed(1);
  console.log(
    `${streams} more streams: ${median.toFixed(1)} ms to the first token, ` +
      `${rate} chunks a second, ${perChunk} us of CPU a chunk (this process)`,
  );
}

try {
  await main();
} catch (error) {
  if (!(error instanceof OpenAI.OpenAIError)) throw error;
  console.error(`\n${error.constructor.name}: ${error.message}`);
  process.exitCode = 1;
}
