// Vercel's `ai` with `@ai-sdk/openai`: a package for many providers, which hands out the text of a stream.

import { createRequire } from "node:module";
import { join } from "node:path";

import { messages, model } from "../measure.mjs";

/** The work of the benchmark, written as a user of the package would write it. */
export class Subject {
  cannot = {
    structured: "it has no helper with these events",
    own_fetch: "its client is made in another way",
    tls: "it is told of certificates in another way",
  };

  note = "hands out texts, not chunks";

  constructor(_name, folder, baseURL) {
    const load = createRequire(join(folder, "bench.cjs"));
    this.ai = load("ai");
    this.openai = load("@ai-sdk/openai").createOpenAI({ apiKey: "bench", baseURL });
  }

  #texts(maxOutputTokens) {
    return this.ai.streamText({ model: this.openai.chat(model), messages, maxOutputTokens }).textStream;
  }

  async stream(most) {
    let chunks = 0;
    let letters = 0;
    for await (const text of this.#texts(most)) {
      chunks += 1;
      letters += text.length;
    }
    return { chunks, letters };
  }

  async watch(seen, most) {
    let chunks = 0;
    for await (const text of this.#texts(most)) {
      chunks += 1;
      seen.push(performance.now(), text);
    }
    return chunks;
  }

  async open() {
    const texts = this.#texts()[Symbol.asyncIterator]();
    const first = await texts.next();
    // The first text has letters, where the first chunk of the others only says who speaks, so it is handed out again.
    return (async function* () {
      yield first.value;
      yield* { [Symbol.asyncIterator]: () => texts };
    })();
  }

  letters(text) {
    return text.length;
  }

  async call() {
    const { text } = await this.ai.generateText({ model: this.openai.chat(model), messages });
    return text.length;
  }

  async vectors(texts) {
    const { embeddings } = await this.ai.embedMany({ model: this.openai.embedding(model), values: texts });
    return { numbers: embeddings.reduce((sum, { length }) => sum + length, 0), first: embeddings[0][0] };
  }

  array(texts) {
    return this.vectors(texts);
  }
}
