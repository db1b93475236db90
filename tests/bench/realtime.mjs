// Audio deltas of a realtime session over WebSockets: realtime.mjs PACKAGE FOLDER BASE_URL SOCKETS EVENTS PAUSE_MS

import { secured } from "./tls_front.mjs";
import { audioScript, load, measure, report, warmUpChunks } from "./measure.mjs";

const [name, folder, baseURL, socketsText, eventsText, pauseText] = process.argv.slice(2);
const [sockets, events, pause] = [socketsText, eventsText, pauseText].map(Number);
const subject = await load(name, folder, baseURL, "dial");

/** Opens all sockets, has them measured while each reads so many events, and closes them. */
async function all(count, pauseMs, measured) {
  const place = await secured(await audioScript(baseURL, count, pauseMs));
  const opened = await Promise.all(Array.from({ length: sockets }, () => subject.dial(place)));
  const figures = await measured(async () => {
    const letters = await Promise.all(opened.map((connection) => subject.listen(connection, count)));
    return { units: count * sockets, check: letters.reduce((sum, each) => sum + each, 0) };
  });
  for (const connection of opened) connection.close();
  return figures;
}

await all(warmUpChunks, 0, (work) => work());
report(await all(events, pause, measure));
