// The official package, and tailrace, which has the same interface.

import { createRequire } from "node:module";
import { join } from "node:path";

import { agent, messages, model } from "../measure.mjs";

/** The work of the benchmark, written as a user of the package would write it. */
export class Subject {
  constructor(name, folder, baseURL) {
    const require = createRequire(join(folder, "bench.cjs"));
    const loaded = require(name);
    this.OpenAI = loaded.OpenAI ?? loaded.default;
    this.realtime = () => require(`${name}/realtime/ws`).OpenAIRealtimeWS;
    this.options = { apiKey: "bench", baseURL };
    this.client = new this.OpenAI(this.options);
    this.isOurs = name === "tailrace";
  }

  /** Makes the client anew with these options, too. */
  takes(options) {
    this.client = new this.OpenAI({ ...this.options, ...options });
  }

  /** Sends requests there, over TLS, from now on; gives the protocol that was agreed on. */
  async goesOver(baseURL, { http2 }) {
    // The certificate is of a server that was started a moment ago.
    const trusting = { rejectUnauthorized: false };
    if (this.isOurs) this.takes({ baseURL, transport: { ...trusting, http2 } });
    else this.takes({ baseURL, fetchOptions: { dispatcher: await agent({ connect: trusting, allowH2: http2 }) } });
    const { response } = await this.client.chat.completions.create({ model, messages }).withResponse();
    return response.headers.get("x-alpn");
  }

  #create(limit) {
    return this.client.chat.completions.create({ model, messages, stream: true, ...limit });
  }

  /** Reads one stream. */
  async stream(most) {
    let chunks = 0;
    let letters = 0;
    for await (const chunk of await this.#create(most && { max_completion_tokens: most })) {
      chunks += 1;
      letters += chunk.choices[0].delta.content?.length ?? 0;
    }
    return { chunks, letters };
  }

  /** Reads one stream and keeps when each text came. */
  async watch(seen, most) {
    let chunks = 0;
    for await (const chunk of await this.#create(most && { max_completion_tokens: most })) {
      chunks += 1;
      seen.push(performance.now(), chunk.choices[0].delta.content);
    }
    return chunks;
  }

  /** Reads one structured answer by the stream helper, with what is parsed and the snapshot of each delta. */
  async structured() {
    const format = { type: "json_schema", json_schema: { name: "plan", schema: { type: "object" } } };
    const stream = this.client.chat.completions.stream({ model, messages, response_format: format });
    let deltas = 0;
    stream.on("content.delta", ({ parsed, snapshot }) => {
      deltas += 1;
      if (parsed && !snapshot) throw new Error("a delta without its snapshot");
    });
    const completion = await stream.finalChatCompletion();
    return { deltas, steps: completion.choices[0].message.parsed.steps.length };
  }

  /** Opens a stream and reads its first chunk. */
  async open() {
    const stream = await this.#create();
    const chunks = stream[Symbol.asyncIterator]();
    await chunks.next();
    return chunks;
  }

  /** Opens a realtime session. */
  async dial(baseURL) {
    const Connection = this.realtime();
    // The certificate is of a server that was started a moment ago.
    const options = { rejectUnauthorized: false };
    const connection = new Connection({ model, options }, new this.OpenAI({ apiKey: "bench", baseURL }));
    await new Promise((opened, failed) => connection.socket.on("open", opened).on("error", failed));
    return connection;
  }

  /** Asks for audio and reads so many events; gives the letters of their audio. */
  listen(connection, events) {
    return new Promise((done, failed) => {
      let letters = 0;
      connection.on("error", failed);
      connection.on("response.output_audio.delta", (event) => {
        letters += event.delta.length;
        events -= 1;
        if (events === 0) done(letters);
      });
      connection.send({ type: "response.create" });
    });
  }

  /** The letters of a chunk. */
  letters(chunk) {
    return chunk.choices[0]?.delta.content?.length ?? 0;
  }

  /** The letters of an answer. */
  async call() {
    const completion = await this.client.chat.completions.create({ model, messages });
    return completion.choices[0].message.content.length;
  }

  /** Asks for vectors: how many numbers they hold, and the first. */
  async vectors(texts) {
    const { data } = await this.client.embeddings.create({ model, input: texts });
    return { numbers: data.reduce((sum, { embedding }) => sum + embedding.length, 0), first: data[0].embedding[0] };
  }

  /** Asks for one array. The official package has none, so its arrays of numbers stand in, as they are. */
  async array(texts) {
    if (!this.isOurs) return this.vectors(texts);
    const { array } = await this.client.embeddings.createArray({ model, input: texts });
    return { numbers: array.length, first: array[0] };
  }
}
