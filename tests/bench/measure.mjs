// What every Node benchmark shares: the client under test, and one line of JSON for each measurement.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

export const request = { model: "mock", messages: [{ role: "user", content: "Count for me." }] };

/**
 * The client of a package, connected to the mock server.
 *
 * @param {string} name "openai" or "tailrace".
 * @param {string} folder The folder from which the package is found, as an import there would find it.
 * @param {string} baseURL The mock server.
 */
export function client(name, folder, baseURL) {
  const loaded = createRequire(join(folder, "bench.cjs"))(name);
  return new (loaded.OpenAI ?? loaded.default)({ apiKey: "bench", baseURL });
}

/** Runs `work`, which returns `{ units, check }`, and prints CPU (user and system, every thread) and wall time of a unit. */
export async function measure(work) {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  const { units, check } = await work();
  const used = process.cpuUsage(cpu);
  const wall_us = (performance.now() - wall) * 1000;
  report({ cpu_us: (used.user + used.system) / units, wall_us: wall_us / units, units, check });
}

/** Prints one line of JSON, which `cargo xtask bench` reads. */
export function report(figures) {
  console.log(JSON.stringify(figures));
}

/** The resident memory of this process, in bytes. */
export function residentBytes() {
  const line = readFileSync("/proc/self/status", "latin1").split("\n").find((text) => text.startsWith("VmRSS:"));
  return Number(line.split(/\s+/)[1]) * 1024;
}
