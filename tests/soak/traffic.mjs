// What the soak programs of Node share: scenarios, outcomes, what is in flight, samples.
//
// `cargo xtask soak` starts them and judges what they print: a line of JSON for each sample, one at the end. Their arguments are
// MOCK_URL PROXY_URL SECONDS SEED.

import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from '../../node/dist/esm/index.js';

const CALLERS = 24;
/** A request that takes longer hangs. */
const HANGS_AFTER_MS = 40_000;
const TIMEOUT_MS = 8_000;
/** One to warm up, and what `judge.rs` draws a line through. */
const FEWEST_ROUNDS = 4;
export const MESSAGES = [{ role: 'user', content: 'Count for me.' }];

/** What the server of a WebSocket says in the place of `{delta}`. */
const IDS = { event_id: 'e', response_id: 'r', item_id: 'i', output_index: 0, content_index: 0 };
const DELTA = { type: 'response.output_audio.delta', ...IDS, delta: 'AAAA'.repeat(250) };

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

/** The lines of a file of scenarios, each with where its server is. */
async function read(file) {
  const scenarios = [];
  for (const fields of JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'))) {
    let url = mock;
    if (fields.server) {
      // Nobody looks its requests up, and a server that kept them would grow.
      const body = JSON.stringify({ remember: 10, ...fields.server }).replaceAll('"{delta}"', JSON.stringify(DELTA));
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
  return scenarios;
}

const unexpected = [];
const inFlight = new Map();
let started = 0;
let ended = 0;
let longest = 0;

/** The neutral name of what a request failed with. */
export function outcomeOf(error) {
  if (error instanceof OpenAI.APIUserAbortError) return 'cancelled';
  if (error instanceof OpenAI.APIConnectionTimeoutError) return 'timeout';
  if (error instanceof OpenAI.APIConnectionError) return 'connection';
  if (error instanceof OpenAI.APIError && error.status) return `status ${error.status}`;
  if (error instanceof SyntaxError) return 'invalid JSON';
  if (error instanceof OpenAI.APIError && /boom/.test(error.message)) return 'error event';
  return `${error?.constructor?.name}: ${error?.message}`;
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

/**
 * Performs the scenarios of a file until the time is over, and prints the account.
 *
 * @param perform - Makes the request of a scenario, given its client and numbers by chance; gives how it ended and the number of
 *   its events.
 */
export async function soak(file, perform) {
  const scenarios = await read(file);
  const totalWeight = scenarios.reduce((sum, { weight }) => sum + weight, 0);
  const outcomes = Object.fromEntries(scenarios.map(({ name }) => [name, {}]));

  function pick(draw) {
    let at = draw() * totalWeight;
    return scenarios.find(({ weight }) => (at -= weight) < 0) ?? scenarios[0];
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
  // A stall can make a round of a short run take half its time, and the first only warms up.
  for (let number = 0; number < FEWEST_ROUNDS || performance.now() < end; number++) {
    const until = performance.now() + round;
    await Promise.all(workers.map((draw) => work(draw, until)));
    await sample();
  }
  clearInterval(watchdog);
  print({ started, ended, longest_ms: Math.round(longest), outcomes, unexpected });
}
