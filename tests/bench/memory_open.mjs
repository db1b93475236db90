// Many open streams, each paused by its consumer after the first chunk: memory_open.mjs PACKAGE FOLDER BASE_URL STREAMS

import { load, report, residentBytes } from "./measure.mjs";

const [name, folder, baseURL, streams] = process.argv.slice(2);
const subject = await load(name, folder, baseURL, "open");

const first = await subject.open();
const before = residentBytes();
const opened = [first, ...(await Promise.all(Array.from({ length: Number(streams) - 1 }, () => subject.open())))];
const after = residentBytes();
const count = opened.length;
report({ bytes_each: (after - before) / (count - 1), peak_bytes: after, units: count, check: count });
// Closing them is no part of this.
process.exit(0);
