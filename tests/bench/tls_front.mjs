// TLS before a plain server, as a process of its own, whose work is in nobody's figures: realtime connections of both packages
// speak to secure addresses only.
//
//   tls_front.mjs PORT [http]   Prints its own port; ends with its standard input.
//
// It is haproxy where there is one, which is faster. With `http` it has to be, speaks HTTP/2 to whoever proposes it, and names
// what was agreed on in the header `x-alpn` of each answer.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";
import { fileURLToPath } from "node:url";

const SECONDS_TO_LISTEN = 30;

/** Starts one before the server of a URL; gives the URL of the same place behind it. `mode` is tcp or http. */
export async function secured(url, mode = "tcp") {
  const line = [fileURLToPath(import.meta.url), new URL(url).port, mode];
  const front = spawn(process.execPath, line, { stdio: ["pipe", "pipe", "inherit"] });
  const port = await new Promise((found, failed) => {
    front.stdout.once("data", (printed) => found(Number(printed)));
    const needs = mode === "http" ? "openssl and haproxy" : "openssl";
    front.once("exit", (code) => failed(new Error(`the TLS front ended with ${code}; it needs ${needs}`)));
  });
  // The process that asked ends when its own work does.
  for (const each of [front, front.stdin, front.stdout]) each.unref();
  return `https://127.0.0.1:${port}${new URL(url).pathname}`;
}

/** Makes a key and a certificate in a folder; gives their files. */
function certificate(folder) {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
  execFileSync("openssl", ["req", "-x509", ...kind, "-keyout", key, "-out", cert], { stdio: "ignore" });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

const listening = (server) => new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)));

/** Runs haproxy; gives its port, or nothing where there is none. */
async function haproxy(folder, { key, cert }, target, mode) {
  const probe = net.createServer();
  const port = await listening(probe);
  await new Promise((done) => probe.close(done));
  const [both, config] = [join(folder, "both.pem"), join(folder, "haproxy.cfg")];
  writeFileSync(both, Buffer.concat([cert, key]));
  const limits = "timeout connect 60s\n timeout client 600s\n timeout server 600s";
  const [alpn, told] =
    mode === "http" ? [" alpn h2,http/1.1", "\n http-response set-header x-alpn %[ssl_fc_alpn]"] : ["", ""];
  const front = `frontend f\n bind 127.0.0.1:${port} ssl crt ${both}${alpn}${told}\n default_backend b`;
  writeFileSync(config, `defaults\n mode ${mode}\n ${limits}\n${front}\nbackend b\n server s 127.0.0.1:${target}\n`);
  // Where Debian puts it is in the path of administrators alone.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  const running = spawn("haproxy", ["-db", "-f", config], { stdio: "ignore", env });
  const gone = new Promise((done) => running.once("error", () => done(true)).once("exit", () => done(true)));
  process.once("exit", () => running.kill());
  for (let waited = 0; waited < SECONDS_TO_LISTEN; waited += 0.05) {
    if (await Promise.race([gone, sleep(50)])) return undefined;
    const answers = new Promise((done) => {
      const socket = net.connect(port, "127.0.0.1", () => done(true)).once("error", () => done(false));
      socket.once("connect", () => socket.destroy());
    });
    if (await answers) return port;
  }
  return undefined;
}

/** Takes TLS off by Node itself. */
function ownFront(pair, target) {
  const server = tls.createServer(pair, (outer) => {
    const inner = net.connect(target, "127.0.0.1");
    outer.on("error", () => inner.destroy()).on("close", () => inner.destroy());
    inner.on("error", () => outer.destroy()).on("close", () => outer.destroySoon());
    outer.pipe(inner).pipe(outer);
  });
  return listening(server);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [target, mode = "tcp"] = process.argv.slice(2);
  process.stdin.on("close", () => process.exit(0)).resume();
  const folder = mkdtempSync(join(tmpdir(), "tls-front-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const pair = certificate(folder);
  const port = (await haproxy(folder, pair, target, mode)) ?? (mode === "http" ? undefined : await ownFront(pair, Number(target)));
  if (port === undefined) process.exit(1);
  console.log(port);
}
