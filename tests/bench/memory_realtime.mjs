// Many idle realtime connections: memory_realtime.mjs PACKAGE FOLDER BASE_URL SOCKETS, with --expose-gc

import { secured } from "./tls_front.mjs";
import { audioScript, load, report, residentBytes } from "./measure.mjs";

const [name, folder, baseURL, socketsText] = process.argv.slice(2);
const sockets = Number(socketsText);
const subject = await load(name, folder, baseURL, "dial");
const place = await secured(await audioScript(baseURL, 20, 0));
// The first connection loads what is loaded lazily, so that only the others are counted.
const opened = [await subject.dial(place)];
const before = residentBytes();
while (opened.length < sockets) opened.push(...(await Promise.all(Array.from({ length: 50 }, () => subject.dial(place)))));
const after = residentBytes();
report({ bytes_each: (after - before) / (opened.length - 1), peak_bytes: after, units: opened.length, check: opened.length });
// Closing them is no part of this.
process.exit(0);
