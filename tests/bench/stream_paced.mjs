// Streams of a server that paces and stamps them, many at once: stream_paced.mjs PACKAGE FOLDER BASE_URL STREAMS
//
// Beside the cost of a chunk it prints how long it took from the server's write to the consumer.

import { load, measure, percentile99, report, stampDigits, warmUpChunks } from "./measure.mjs";

const [name, folder, baseURL, streams] = process.argv.slice(2);
const subject = await load(name, folder, baseURL, "watch");
const sideBySide = (work) => Promise.all(Array.from({ length: Number(streams) }, work));

await sideBySide(() => subject.watch([], warmUpChunks));
/** Times and texts in turn. */
const seen = [];
const figures = await measure(async () => {
  const chunks = await sideBySide(() => subject.watch(seen));
  return { units: chunks.reduce((sum, count) => sum + count, 0), check: 0 };
});
// One reading of both clocks: stamps are of the one that the machine shares.
const apart = Number(process.hrtime.bigint()) / 1000 - performance.now() * 1000;
const delays = [];
for (let at = 0; at < seen.length; at += 2) {
  const text = seen[at + 1];
  if (!text) continue;
  figures.check += text.length;
  delays.push(seen[at] * 1000 + apart - Number(text.slice(0, stampDigits)) / 1000);
}
report({ ...figures, p99_us: percentile99(delays), note: subject.note });
