// Streams, so many at once, so many one after another: stream.mjs PACKAGE FOLDER BASE_URL AT_ONCE EACH

import { load, measure, report, warmUpChunks } from "./measure.mjs";

const [name, folder, baseURL, atOnce, each] = process.argv.slice(2);
const subject = await load(name, folder, baseURL, "stream");

const sideBySide = (work) => Promise.all(Array.from({ length: Number(atOnce) }, work));

// The same number of streams, so that the connections are open when the clock starts; then code that is compiled.
await sideBySide(() => subject.stream(warmUpChunks));
await subject.stream();
const figures = await measure(async () => {
  let units = 0;
  let check = 0;
  await sideBySide(async () => {
    for (let turn = 0; turn < Number(each); turn += 1) {
      const { chunks, letters } = await subject.stream();
      units += chunks;
      check += letters;
    }
  });
  return { units, check };
});
report({ ...figures, note: subject.note });
