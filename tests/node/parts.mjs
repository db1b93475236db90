// Certificates, and servers that nobody here wrote. What is missing is said where a test is skipped.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after } from 'node:test';
import tls from 'node:tls';

const cleanups = [];
// Registered here, because what a hook registers ends with the hook.
after(() => cleanups.forEach((clean) => clean()));

/** Runs `clean` after all tests of the file. */
export function cleanUp(clean) {
  cleanups.push(clean);
}

/** The path of a program, or `undefined`. */
export function program(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Why a test that needs these programs cannot run; `false` when it can. */
export function lacking(...names) {
  const missing = names.filter((name) => program(name) === undefined);
  return missing.length > 0 && `needs ${missing.join(', ')}, which is not installed here`;
}

/** A folder that is removed after the tests. */
export function folder() {
  const path = mkdtempSync(join(tmpdir(), 'tailrace-'));
  cleanUp(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** An authority, by openssl: its certificate, and pairs that it issues. */
export class Authority {
  constructor() {
    this.folder = folder();
    this.#openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '36500',
      '-subj', '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.pem'); // prettier-ignore
    this.pem = readFileSync(join(this.folder, 'ca.pem'), 'utf8');
  }

  /** A certificate of these alternative names, such as `DNS:localhost`, and its key; `days` can be below zero. */
  issue(names, days = 36500) {
    writeFileSync(join(this.folder, 'names'), `subjectAltName=${names}\nbasicConstraints=CA:FALSE\n`);
    this.#openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=test',
      '-keyout', 'key', '-out', 'asked'); // prettier-ignore
    this.#openssl('x509', '-req', '-in', 'asked', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial',
      '-days', String(days), '-extfile', 'names', '-out', 'cert'); // prettier-ignore
    const [cert, key] = ['cert', 'key'].map((name) => readFileSync(join(this.folder, name), 'utf8'));
    return { cert, key };
  }

  #openssl(...given) {
    execFileSync(program('openssl'), given, { cwd: this.folder, stdio: 'ignore' });
  }
}

/** A port that nobody listens at. */
export function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Starts a program that listens at `port`, waits until it does, and ends it after the tests. */
export async function running(name, given, port) {
  const child = spawn(program(name), given, { stdio: 'ignore' });
  cleanUp(() => child.kill());
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    if (child.exitCode !== null) break;
    const open = await new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => resolve(true));
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${name} does not listen`);
}

/** The port of a front that speaks TLS with a certificate of `authority` and hands every byte on to the server at `url`. */
export async function secured(authority, url) {
  const front = tls.createServer(authority.issue('DNS:localhost,IP:127.0.0.1'), (outer) => {
    const inner = net.connect(new URL(url).port, '127.0.0.1');
    outer.on('error', () => inner.destroy()).on('close', () => inner.destroy());
    inner.on('error', () => outer.destroy());
    outer.pipe(inner).pipe(outer);
  });
  await new Promise((resolve) => front.listen(0, '127.0.0.1', resolve));
  cleanUp(() => front.close());
  return front.address().port;
}
