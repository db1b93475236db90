// What Node's own sockets cost for paced streams: sockets.mjs BASE_URL STREAMS
//
// BASE_URL is that of a mock server with `--interval-ms 20`. Nothing is parsed, and nothing waits for a read but one
// callback. Prints the CPU of the process for each read.

import net from "node:net";

const [baseURL, streams] = process.argv.slice(2);
const { hostname, pathname, port } = new URL(baseURL);
const body = JSON.stringify({ model: "mock", messages: [{ role: "user", content: "Count for me." }], stream: true });
const head = [
  `POST ${pathname}/chat/completions HTTP/1.1`,
  `host: ${hostname}:${port}`,
  "authorization: Bearer bench",
  "content-type: application/json",
  `content-length: ${body.length}`,
].join("\r\n");
const end = "0\r\n\r\n";
let reads = 0;

const read = () =>
  new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname, () => socket.write(`${head}\r\n\r\n${body}`));
    socket.on("error", reject);
    socket.on("data", (bytes) => {
      reads += 1;
      if (bytes.subarray(-end.length).toString("latin1") === end) socket.end(resolve);
    });
  });

const before = process.cpuUsage();
await Promise.all(Array.from({ length: Number(streams) }, read));
const { user, system } = process.cpuUsage(before);
console.log(`${streams} sockets, ${reads} reads: ${((user + system) / reads).toFixed(1)} us a read`);
