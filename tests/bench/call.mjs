// One call after another, not streamed: call.mjs PACKAGE FOLDER BASE_URL CALLS

import { client, measure, request } from "./measure.mjs";

const WARM_UP = 50;
const [name, folder, baseURL, calls] = process.argv.slice(2);
const openai = client(name, folder, baseURL);

async function call() {
  const completion = await openai.chat.completions.create(request);
  return completion.choices[0].message.content.length;
}

for (let turn = 0; turn < WARM_UP; turn += 1) await call();
await measure(async () => {
  let check = 0;
  for (let turn = 0; turn < Number(calls); turn += 1) check += await call();
  return { units: Number(calls), check };
});
