// A structured answer through the stream helper: structured.mjs PACKAGE FOLDER BASE_URL BYTES
//
// The answer is a JSON text of about BYTES in deltas of 4 bytes. The parsed value and the snapshot of each delta are read.

import { load, measure, report } from "./measure.mjs";

const [name, folder, baseURL, size] = process.argv.slice(2);
const deltaBytes = 4;
const head = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "mock" };

/** A plan of about so many bytes, as JSON. */
function answer(bytes) {
  const steps = Array.from({ length: Math.floor(bytes / 53) }, (_, number) => ({
    number,
    text: `Step ${number}: do this, then that.`,
  }));
  return JSON.stringify({ steps, final: "done" });
}

const chunk = (delta, finish = null) => ({ data: { ...head, choices: [{ index: 0, delta, finish_reason: finish }] } });

/** Lets the mock server send the text in deltas; gives the address of that. */
async function serve(text) {
  const deltas = [];
  for (let at = 0; at < text.length; at += deltaBytes) deltas.push(chunk({ content: text.slice(at, at + deltaBytes) }));
  const sse = [chunk({ role: "assistant", content: "" }), ...deltas, chunk({}, "stop"), { data: "[DONE]" }];
  const script = { exchanges: [{ sse, repeat: true }], remember: 1 };
  const reply = await fetch(`${baseURL.replace(/\/v1$/, "")}/__mock/scripts`, {
    method: "POST",
    body: JSON.stringify(script),
  });
  return (await reply.json()).base_url;
}

const [warm, text] = [answer(200), answer(Number(size))];
await (await load(name, folder, await serve(warm), "structured")).structured();
const subject = await load(name, folder, await serve(text), "structured");
const expected = JSON.parse(text).steps.length;
report(
  await measure(async () => {
    const { deltas, steps } = await subject.structured();
    if (steps !== expected) throw new Error(`${name} gave ${steps} steps`);
    return { units: deltas, check: steps };
  }),
);
