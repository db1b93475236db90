// Traffic from many callers at once: `soak.mjs MOCK_URL PROXY_URL SECONDS SEED`, with --expose-gc.
//
// `cargo xtask soak` starts it and judges what it prints: a line of JSON for each sample, one at the end.

import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI, { toFile } from '../../node/dist/esm/index.js';

const CALLERS = 24;
/** A request that takes longer hangs. */
const HANGS_AFTER_MS = 40_000;
const TIMEOUT_MS = 8_000;
/** A stream has no limit of its own between two events here, so its caller has one. */
const PATIENCE_MS = 10_000;
const MESSAGES = [{ role: 'user', content: 'Count for me.' }];

const [mock, proxy, secondsText, seedText] = process.argv.slice(2);
const seconds = Number(secondsText);
const began = performance.now();
const print = (fields) => process.stdout.write(`${JSON.stringify(fields)}\n`);

/** Numbers below 1 from a seed (mulberry32). */
function drawsFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

const origin = mock.slice(0, -'/v1'.length);
const root = new OpenAI({ apiKey: 'k', baseURL: mock, logLevel: 'off' });
const scenarios = [];
for (const fields of JSON.parse(readFileSync(new URL('scenarios.json', import.meta.url), 'utf8'))) {
  let url = mock;
  if (fields.server) {
    // Nobody looks its requests up, and a server that kept them would grow.
    const body = JSON.stringify({ remember: 10, ...fields.server });
    const answer = await fetch(`${origin}/__mock/scripts`, { method: 'POST', body });
    url = (await answer.json()).base_url;
  }
  const options = {
    baseURL: fields.proxied ? url.replace(origin, proxy) : url,
    maxRetries: fields.max_retries ?? 1,
    timeout: fields.timeout_ms ?? TIMEOUT_MS,
  };
  scenarios.push({ ...fields, options, client: root.withOptions(options) });
}
const totalWeight = scenarios.reduce((sum, { weight }) => sum + weight, 0);

/** What a whole stream says; one that ends without an exception must have said it all. */
let text = '';
for await (const chunk of await root.chat.completions.create({ model: 'mock', messages: MESSAGES, stream: true })) {
  text += chunk.choices[0].delta.content ?? '';
}

const outcomes = Object.fromEntries(scenarios.map(({ name }) => [name, {}]));
const unexpected = [];
const inFlight = new Map();
let started = 0;
let ended = 0;
let longest = 0;

function pick(draw) {
  let at = draw() * totalWeight;
  return scenarios.find(({ weight }) => (at -= weight) < 0) ?? scenarios[0];
}

function outcomeOf(error) {
  if (error instanceof OpenAI.APIUserAbortError) return 'cancelled';
  if (error instanceof OpenAI.APIConnectionTimeoutError) return 'timeout';
  if (error instanceof OpenAI.APIConnectionError) return 'connection';
  if (error instanceof OpenAI.APIError && error.status) return `status ${error.status}`;
  if (error instanceof SyntaxError) return 'invalid JSON';
  if (error instanceof OpenAI.APIError && /boom/.test(error.message)) return 'error event';
  return `${error?.constructor?.name}: ${error?.message}`;
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

async function work(draw, until) {
  while (performance.now() < until) {
    const scenario = pick(draw);
    const client = draw() < 0.9 ? scenario.client : root.withOptions(scenario.options);
    const id = ++started;
    inFlight.set(id, [scenario.name, performance.now()]);
    let [outcome, events] = await perform(client, scenario, draw);
    let isWrong = !scenario.expect.includes(outcome);
    if (!isWrong && scenario.events !== undefined && events !== scenario.events) {
      isWrong = true;
      outcome += ` after ${events} events instead of ${scenario.events}`;
    }
    longest = Math.max(longest, performance.now() - inFlight.get(id)[1]);
    inFlight.delete(id);
    ended++;
    outcomes[scenario.name][outcome] = (outcomes[scenario.name][outcome] ?? 0) + 1;
    if (isWrong && unexpected.length < 20) unexpected.push(`${scenario.name}: ${outcome}`);
    await sleep(draw() * 50);
  }
}

async function sample() {
  // What a collected object held is closed in a later turn of the loop.
  for (let turn = 0; turn < 4; turn++) {
    gc();
    await sleep(20);
  }
  const memory = process.memoryUsage();
  print({
    seconds: Math.round((performance.now() - began) / 100) / 10,
    resident_kb: Math.round(memory.rss / 1024),
    heap: memory.heapUsed,
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    tasks: inFlight.size,
  });
}

const watchdog = setInterval(() => {
  for (const [name, at] of inFlight.values()) {
    if (performance.now() - at < HANGS_AFTER_MS) continue;
    print({ hangs: name, seconds: Math.round((performance.now() - at) / 1000) });
    process.exit(3);
  }
}, 1_000);

const workers = Array.from({ length: CALLERS }, (_, number) => drawsFrom(Number(seedText) * 1000 + number));
const end = began + seconds * 1000;
const round = Math.min(Math.max(seconds / 24, 0.5), 30) * 1000;
while (performance.now() < end) {
  const until = Math.min(performance.now() + round, end);
  await Promise.all(workers.map((draw) => work(draw, until)));
  await sample();
}
clearInterval(watchdog);
print({ started, ended, longest_ms: Math.round(longest), outcomes, unexpected });
