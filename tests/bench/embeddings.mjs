// A large answer of vectors: embeddings.mjs PACKAGE FOLDER BASE_URL CALLS vectors|array
//
// With `array` tailrace hands out one Float32Array; the arrays of numbers of the others stand beside it as they are.

import { load, measure, report } from "./measure.mjs";

const [name, folder, baseURL, calls, form] = process.argv.slice(2);
const subject = await load(name, folder, baseURL, form);
const texts = Array.from({ length: 2048 }, (_, number) => `text ${number}`);

await subject[form](texts);
report(
  await measure(async () => {
    let check = 0;
    for (let turn = 0; turn < Number(calls); turn += 1) {
      const { numbers, first } = await subject[form](texts);
      check += numbers + Math.floor(Math.abs(first) * 1e6);
    }
    return { units: Number(calls), check };
  }),
);
