// Many open streams, each paused by its consumer after the first chunk: memory_open.mjs PACKAGE FOLDER BASE_URL STREAMS

import { client, report, request, residentBytes } from "./measure.mjs";

const [name, folder, baseURL, streams] = process.argv.slice(2);
const openai = client(name, folder, baseURL);

async function open() {
  const stream = await openai.chat.completions.create({ ...request, stream: true });
  const chunks = stream[Symbol.asyncIterator]();
  await chunks.next();
  return { stream, chunks };
}

const first = await open();
const before = residentBytes();
const opened = [first, ...(await Promise.all(Array.from({ length: Number(streams) - 1 }, open)))];
const after = residentBytes();
report({ bytes_each: (after - before) / (opened.length - 1), resident_bytes: after, units: opened.length, check: opened.length });
for (const { stream } of opened) stream.controller.abort();
