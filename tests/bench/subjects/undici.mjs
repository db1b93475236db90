// Plain undici with the least that a careful user would write around it: events cut at blank lines, JSON.parse.

import { createRequire } from "node:module";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";

import { messages, model } from "../measure.mjs";

const headers = { authorization: "Bearer bench", "content-type": "application/json" };

/** The work of the benchmark. */
export class Subject {
  cannot = { structured: "it has no stream helper", own_fetch: "it sends requests itself" };

  constructor(_name, folder, baseURL) {
    const { Pool } = createRequire(join(folder, "bench.cjs"))("undici");
    this.Pool = Pool;
    this.#takes(baseURL);
  }

  #takes(baseURL, options) {
    const { origin, pathname } = new URL(baseURL);
    this.pool = new this.Pool(origin, options);
    this.path = pathname;
  }

  /** Sends requests there, over TLS, from now on; gives the protocol that was agreed on. */
  async goesOver(baseURL, { http2 }) {
    this.#takes(baseURL, { connect: { rejectUnauthorized: false }, allowH2: http2 });
    const body = JSON.stringify({ model, messages });
    const path = `${this.path}/chat/completions`;
    const answer = await this.pool.request({ method: "POST", path, headers, body });
    await answer.body.text();
    return answer.headers["x-alpn"];
  }

  async #post(path, content) {
    const body = JSON.stringify({ model, ...content });
    const answer = await this.pool.request({ method: "POST", path: `${this.path}${path}`, headers, body });
    if (answer.statusCode !== 200) throw new Error(`the server answered ${answer.statusCode}`);
    return answer.body;
  }

  async *#chunks(most) {
    const limit = most && { max_completion_tokens: most };
    const body = await this.#post("/chat/completions", { messages, stream: true, ...limit });
    const decoder = new StringDecoder("utf8");
    let rest = "";
    for await (const bytes of body) {
      const events = (rest + decoder.write(bytes)).split("\n\n");
      rest = events.pop();
      for (const event of events) {
        const data = event.slice("data: ".length);
        if (data !== "[DONE]") yield JSON.parse(data);
      }
    }
  }

  async stream(most) {
    let chunks = 0;
    let letters = 0;
    for await (const chunk of this.#chunks(most)) {
      chunks += 1;
      letters += chunk.choices[0].delta.content?.length ?? 0;
    }
    return { chunks, letters };
  }

  async watch(seen, most) {
    let chunks = 0;
    for await (const chunk of this.#chunks(most)) {
      chunks += 1;
      seen.push(performance.now(), chunk.choices[0].delta.content);
    }
    return chunks;
  }

  async open() {
    const chunks = this.#chunks();
    await chunks.next();
    return chunks;
  }

  letters(chunk) {
    return chunk.choices[0].delta.content?.length ?? 0;
  }

  async call() {
    const completion = await (await this.#post("/chat/completions", { messages })).json();
    return completion.choices[0].message.content.length;
  }

  async #floats(texts) {
    const { data } = await (await this.#post("/embeddings", { input: texts, encoding_format: "base64" })).json();
    return data.map(({ embedding }) => {
      const bytes = Buffer.from(embedding, "base64");
      return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    });
  }

  async vectors(texts) {
    const vectors = (await this.#floats(texts)).map((floats) => Array.from(floats));
    return { numbers: vectors.reduce((sum, { length }) => sum + length, 0), first: vectors[0][0] };
  }

  async array(texts) {
    const vectors = await this.#floats(texts);
    return { numbers: vectors.reduce((sum, { length }) => sum + length, 0), first: vectors[0][0] };
  }
}
