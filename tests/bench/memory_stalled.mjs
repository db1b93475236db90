// A consumer that stops reading a stream that goes on: memory_stalled.mjs PACKAGE FOLDER BASE_URL SECONDS

import { setTimeout } from "node:timers/promises";

import { load, report, residentBytes } from "./measure.mjs";

const [name, folder, baseURL, seconds] = process.argv.slice(2);
const subject = await load(name, folder, baseURL, "open");

const chunks = await subject.open();
const before = residentBytes();
await setTimeout(Number(seconds) * 1000);
const grown = residentBytes() - before;
// The rest arrives whole: what was not read was kept back by the socket, not dropped.
let letters = 0;
for (let next = await chunks.next(); !next.done; next = await chunks.next()) letters += subject.letters(next.value);
report({ grown_bytes: Math.max(grown, 0), units: 1, check: letters, note: subject.note });
