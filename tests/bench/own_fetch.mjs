// Calls or streams over a `fetch` of the caller's: own_fetch.mjs PACKAGE FOLDER BASE_URL FETCH WORK AT_ONCE EACH OFFICIAL
//
// FETCH is `platform`, which everybody gets, or `rust`: then all use the official package in the folder OFFICIAL, and what
// stands in place of ours is that package over `tailrace/fetch`. WORK is call or stream.

import { createRequire } from "node:module";
import { join } from "node:path";

import { load, measure, report, warmUpChunks } from "./measure.mjs";

const warmUpCalls = 50;
const [name, folder, baseURL, which, work, atOnce, each, official] = process.argv.slice(2);
const isRust = which === "rust";
const subject = await load(isRust ? "openai" : name, isRust ? official : folder, baseURL, "own_fetch");
const { fetch } = globalThis;
if (!isRust) subject.takes({ fetch: (input, init) => fetch(input, init) });
else if (name === "tailrace") subject.takes({ fetch: createRequire(join(folder, "bench.cjs"))("tailrace/fetch").fetch });

async function worker(times) {
  let units = 0;
  let check = 0;
  for (let turn = 0; turn < times; turn += 1) {
    const { chunks, letters } = work === "call" ? { chunks: 1, letters: await subject.call() } : await subject.stream();
    units += chunks;
    check += letters;
  }
  return { units, check };
}

const sideBySide = (doing) => Promise.all(Array.from({ length: Number(atOnce) }, doing));

if (work === "call") await sideBySide(() => worker(Math.ceil(warmUpCalls / atOnce)));
else {
  await sideBySide(() => subject.stream(warmUpChunks));
  await subject.stream();
}
report(
  await measure(async () => {
    const done = await sideBySide(() => worker(Number(each)));
    return { units: done.reduce((sum, { units }) => sum + units, 0), check: done.reduce((sum, { check }) => sum + check, 0) };
  }),
);
