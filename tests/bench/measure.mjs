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

/** The delay, in microseconds, that 99 of 100 stay below. */
export function percentile99(delays) {
  return delays.sort((a, b) => a - b)[Math.floor((delays.length * 99) / 100)];
}
