// Traffic from many callers at once: `soak.mjs MOCK_URL PROXY_URL SECONDS SEED`, with --expose-gc.

import OpenAI, { toFile } from '../../node/dist/esm/index.js';
import { MESSAGES, outcomeOf, soak } from './traffic.mjs';

/** A stream has no limit of its own between two events here, so its caller has one. */
const PATIENCE_MS = 10_000;

/** What a whole stream says; one that ends without an exception must have said it all. */
const root = new OpenAI({ apiKey: 'k', baseURL: process.argv[2], logLevel: 'off' });
let text = '';
for await (const chunk of await root.chat.completions.create({ model: 'mock', messages: MESSAGES, stream: true })) {
  text += chunk.choices[0].delta.content ?? '';
}

/** Makes the request of a scenario; gives how it ended and the number of its events. */
async function perform(client, scenario, draw) {
  const controller = new AbortController();
  const { signal } = controller;
  const isStream = !['call', 'upload'].includes(scenario.do);
  const patience = scenario.do === 'cancel' ? draw() * 20 : Math.max(PATIENCE_MS, scenario.options.timeout);
  const limit = scenario.timeout_ms && isStream ? scenario.timeout_ms : patience;
  const timer = isStream ? setTimeout(() => controller.abort(), limit) : undefined;
  let events = 0;
  try {
    if (scenario.do === 'call') {
      await client.chat.completions.create({ model: 'mock', messages: MESSAGES });
      return ['ok', 0];
    }
    if (scenario.do === 'upload') {
      const bytes = new Uint8Array(1 + Math.floor(draw() * 300_000));
      await client.files.create({ file: await toFile(bytes, 'f.bin'), purpose: 'assistants' });
      return ['ok', 0];
    }
    if (scenario.do === 'responses') {
      let last;
      const body = { model: 'mock', input: 'Count for me.', stream: true };
      for await (const event of await client.responses.create(body, { signal })) {
        events++;
        last = event.type;
      }
      if (signal.aborted) return ['cancelled', events];
      return [last === 'response.completed' ? 'ok' : `ended early, after ${last}`, events];
    }
    const body = { model: 'mock', messages: MESSAGES, stream: true };
    const stream = await client.chat.completions.create(body, { signal });
    if (scenario.do === 'drop') return ['left', 0];
    const leaveAfter = scenario.do === 'leave' ? 1 + Math.floor(draw() * 19) : -1;
    let said = '';
    for await (const chunk of stream) {
      said += chunk.choices?.[0]?.delta.content ?? '';
      if (++events === leaveAfter) return ['left', events];
    }
    if (signal.aborted) return ['cancelled', events];
    return [scenario.server || said === text ? 'ok' : 'ended early', events];
  } catch (error) {
    return [outcomeOf(error), events];
  } finally {
    clearTimeout(timer);
  }
}

await soak('scenarios.json', perform);
