// What every Node benchmark shares: the package under test, and one line of JSON for each measurement.

import { readFileSync } from "node:fs";

export const model = "mock";
export const messages = [{ role: "user", content: "Count for me." }];
/** The chunks of a stream that warms up. */
export const warmUpChunks = 20;
/** The first letters of a stamped text are the time of its write: nanoseconds of the monotonic clock. */
export const stampDigits = 19;

/** The argument of the programs: the module below `subjects` that knows the package. */
const subjects = { openai: "official", tailrace: "official", ai: "vercel", undici: "undici" };

/**
 * The package under test; ends the program with the reason where it cannot do this work.
 *
 * @param {string} name One of `subjects`.
 * @param {string} folder The folder from which the package is found, as an import there would find it.
 * @param {string} baseURL The mock server.
 * @param {string} ability The method of the subject that is needed.
 */
export async function load(name, folder, baseURL, ability) {
  const { Subject } = await import(`./subjects/${subjects[name]}.mjs`);
  const subject = new Subject(name, folder, baseURL);
  const reason = subject.cannot?.[ability];
  if (reason !== undefined) {
    report({ cannot: reason });
    process.exit(0);
  }
  return subject;
}

/** Runs `work`, which returns `{ units, check }`, and gives CPU (user and system, every thread) and wall time of a unit. */
export async function measure(work) {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  const { units, check } = await work();
  const used = process.cpuUsage(cpu);
  const wall_us = (performance.now() - wall) * 1000;
  const peak_bytes = memory("VmHWM");
  return { cpu_us: (used.user + used.system) / units, wall_us: wall_us / units, units, check, peak_bytes };
}

/** Prints one line of JSON, which `cargo xtask bench` reads. */
export function report(figures) {
  console.log(JSON.stringify(figures));
}

/** An agent of the undici that is in Node, with these options; `fetch` takes it as `dispatcher`. */
export async function agent(options) {
  // The agent of all requests is made with the first.
  await fetch("data:,");
  const { constructor: Agent } = globalThis[Symbol.for("undici.globalDispatcher.1")];
  return new Agent(options);
}

/** The resident memory of this process, in bytes. */
export function residentBytes() {
  return memory("VmRSS");
}

/** A figure of `/proc/self/status`, in bytes; 0 where there is none, which is everywhere but on Linux. */
function memory(name) {
  if (process.platform !== "linux") return 0;
  const line = readFileSync("/proc/self/status", "latin1").split("\n").find((text) => text.startsWith(`${name}:`));
  return Number(line.split(/\s+/)[1]) * 1024;
}

/**
 * Has the mock server send deltas of audio, 4 kB of base64 each, to each socket that says something; gives where. No event is
 * like the one before it, as in a session.
 */
export async function audioScript(baseURL, events, pauseMs) {
  const different = 20;
  const steps = [];
  for (let number = 0; number < different; number++) {
    // Bytes by chance, the same in each run.
    const bytes = Buffer.from({ length: 3072 }, (_, at) => Math.imul(at + 1, 2654435761 + number * 40503) >>> 13);
    const ids = { event_id: `event_${bytes.toString("hex", 0, 12)}`, response_id: "resp_1", item_id: "item_1" };
    const delta = { output_index: 0, content_index: 0, delta: bytes.toString("base64") };
    steps.push({ text: JSON.stringify({ type: "response.output_audio.delta", ...ids, ...delta }) });
    if (pauseMs > 0) steps.push({ delay_ms: pauseMs });
  }
  const websocket = [{ expect: 1 }, { repeat: { times: events / different, steps } }];
  const body = JSON.stringify({ exchanges: [{ websocket, repeat: true }], remember: 1 });
  const answer = await fetch(`${baseURL.slice(0, -"/v1".length)}/__mock/scripts`, { method: "POST", body });
  return (await answer.json()).base_url;
}

/** The delay, in microseconds, that 99 of 100 stay below. */
export function percentile99(delays) {
  return delays.sort((a, b) => a - b)[Math.floor((delays.length * 99) / 100)];
}
