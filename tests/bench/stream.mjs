// Streams, `at_once` of them side by side, `rounds` times: stream.mjs PACKAGE FOLDER BASE_URL AT_ONCE ROUNDS

import { client, measure, request } from "./measure.mjs";

const [name, folder, baseURL, atOnce, rounds] = process.argv.slice(2);
const openai = client(name, folder, baseURL);

async function consume() {
  let chunks = 0;
  let letters = 0;
  for await (const chunk of await openai.chat.completions.create({ ...request, stream: true })) {
    chunks += 1;
    letters += chunk.choices[0].delta.content?.length ?? 0;
  }
  return { chunks, letters };
}

const round = () => Promise.all(Array.from({ length: Number(atOnce) }, consume));

await round();
await measure(async () => {
  let units = 0;
  let check = 0;
  for (let turn = 0; turn < Number(rounds); turn += 1) {
    for (const { chunks, letters } of await round()) {
      units += chunks;
      check += letters;
    }
  }
  return { units, check };
});
