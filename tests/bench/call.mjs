// Calls, not streamed, so many in flight at a time: call.mjs PACKAGE FOLDER BASE_URL IN_FLIGHT EACH

import { load, measure, report } from "./measure.mjs";

const warmUp = 50;
const [name, folder, baseURL, inFlight, each] = process.argv.slice(2);
const subject = await load(name, folder, baseURL, "call");

async function worker(calls) {
  let letters = 0;
  for (let turn = 0; turn < calls; turn += 1) letters += await subject.call();
  return letters;
}

async function workers(calls) {
  const letters = await Promise.all(Array.from({ length: Number(inFlight) }, () => worker(calls)));
  return letters.reduce((sum, count) => sum + count, 0);
}

await workers(Math.ceil(warmUp / Number(inFlight)));
report(await measure(async () => ({ units: inFlight * each, check: await workers(Number(each)) })));
