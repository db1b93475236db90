// One stream after another over TLS that haproxy takes off: stream_tls.mjs PACKAGE FOLDER BASE_URL STREAMS 1|2
//
// The last argument is the version of HTTP. What haproxy does is no part of the figures, which are of this process.

import { load, measure, report, warmUpChunks } from "./measure.mjs";
import { secured } from "./tls_front.mjs";

const [name, folder, baseURL, streams, version] = process.argv.slice(2);
const subject = await load(name, folder, baseURL, "tls");

const place = await secured(baseURL, "http").catch((error) => {
  report({ cannot: error.message });
  process.exit(0);
});
const spoken = await subject.goesOver(place, { http2: version === "2" });
if ((spoken === "h2") !== (version === "2")) throw new Error(`HTTP/${version} was asked for; the connection speaks ${spoken}`);
await subject.stream(warmUpChunks);
await subject.stream();
report(
  await measure(async () => {
    let units = 0;
    let check = 0;
    for (let turn = 0; turn < Number(streams); turn += 1) {
      const { chunks, letters } = await subject.stream();
      units += chunks;
      check += letters;
    }
    return { units, check };
  }),
);
