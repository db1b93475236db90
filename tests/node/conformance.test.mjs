// Runs the conformance cases on the Node subject, and on the official package as the oracle where it is installed.
//
// `TAILRACE_OFFICIAL_NODE` names the node program for it (22 or newer) and `TAILRACE_OFFICIAL_NODE_MODULES` the folder
// that holds its `openai`. `TAILRACE_MOCK_URL` names a mock server that runs already; without it the one that cargo
// built is started. `TAILRACE_NODE_ENTRY` names another file than the built entry of this package.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve as path } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { check, resolve } from '../conformance/check.mjs';

const ROOT = path(fileURLToPath(import.meta.url), '../../..');
const CONFORMANCE = join(ROOT, 'tests', 'conformance');
// Longer than any case takes: what exceeds it hangs.
const LIMIT_MS = 120_000;
// What a package loads at its first call and its first stream is no part of what other cases measure.
const WARM_UP = ['errors/status-400', 'streaming/chat', 'streaming/responses'];

const cases = readCases();
const divergences = JSON.parse(readFileSync(join(CONFORMANCE, 'divergences.json'), 'utf8')).divergences;
const children = [];
after(() => children.forEach((child) => child.stdin.end()));

const subjects = findSubjects();
if (subjects.size === 0) {
  test('conformance', { skip: 'no subject: build the package, or name the official one' }, () => {});
}
for (const [subject, command] of subjects) {
  test(subject, async (t) => {
    const run = await runAll(subject, command);
    for (const testCase of cases) {
      const skip = skipReason(testCase, subject);
      await t.test(testCase.id, { skip }, (one) => {
        const problems = run.problems.get(testCase.id);
        const known = divergences.find(
          (entry) => entry.cases.includes(testCase.id) && entry.subjects.includes(subject),
        );
        if (known) {
          assert.notEqual(problems.length, 0, `no longer diverges: take ${testCase.id} out of \`${known.id}\``);
          one.skip(`divergence ${known.id}: ${known.reason}`);
          return;
        }
        const details = [testCase.why, ...problems, run.errors().slice(-2000)].join('\n');
        assert.equal(problems.length, 0, details);
      });
    }
  });
}

function readCases() {
  const folder = join(CONFORMANCE, 'cases');
  const topics = readdirSync(folder).sort();
  return topics.flatMap((topic) =>
    readdirSync(join(folder, topic))
      .sort()
      .map((name) => JSON.parse(readFileSync(join(folder, topic, name), 'utf8'))),
  );
}

/** The program and arguments of every subject that can run here. */
function findSubjects() {
  const found = new Map();
  const program = join(CONFORMANCE, 'subject.mjs');
  const entry = process.env.TAILRACE_NODE_ENTRY ?? join(ROOT, 'node', 'dist', 'esm', 'index.js');
  if (existsSync(entry)) found.set('node', [process.execPath, program, pathToFileURL(path(entry)).href]);
  const { TAILRACE_OFFICIAL_NODE: node, TAILRACE_OFFICIAL_NODE_MODULES: modules } = process.env;
  if (node && modules) {
    const official = pathToFileURL(join(path(modules), 'openai', 'index.mjs')).href;
    found.set('official-node', [node, program, official]);
  }
  return found;
}

function skipReason(testCase, subject) {
  const { subjects } = testCase;
  const own = subject.replace(/^official-/, '');
  return subjects && (!subjects.only.includes(own) || (own !== subject && subjects.ours)) ? subjects.reason : false;
}

/** Runs all cases on one subject. */
async function runAll(subject, [program, ...args]) {
  const mock = await mockRoot();
  const scripts = new Map();
  for (const testCase of cases) {
    if (skipReason(testCase, subject)) continue;
    const resolved = resolve(testCase, subject);
    const script = { exchanges: [], own_port: true, ...resolved.server };
    const { base_url } = await json(`${mock}/__mock/scripts`, script);
    // The port of the script itself may refuse connections, so the record comes from the main one.
    scripts.set(testCase.id, { testCase: resolved, base_url, record: `${mock}/s/${base_url.split('/')[4]}` });
  }
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  children.push(child);
  let errors = '';
  child.stderr.on('data', (text) => (errors += text));
  for (const [id, { testCase, base_url }] of scripts) {
    const { client = {}, calls, at_once = false } = testCase;
    child.stdin.write(line({ id, base_url, client, calls, at_once, warm_up: WARM_UP.includes(id) }));
  }
  child.stdin.write('\n');
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  // Each case is judged when it ends; the clients of the subject are all still open then.
  const problems = new Map();
  const judging = [];
  for await (const text of createInterface({ input: child.stdout })) {
    const outcome = JSON.parse(text);
    judging.push(judge(scripts.get(outcome.id), outcome).then((found) => problems.set(outcome.id, found)));
    if (judging.length === scripts.size) break;
  }
  await Promise.all(judging);
  for (const [id, script] of scripts) {
    if (!problems.has(id)) problems.set(id, await judge(script, undefined));
  }
  clearTimeout(limit);
  child.stdin.end();
  return { problems, errors: () => errors };
}

/** One line of JSON. `readline` also ends a line at U+2028 and U+2029, so only ASCII is written. */
function line(value) {
  const escape = (letter) => '\\u' + letter.charCodeAt(0).toString(16).padStart(4, '0');
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, escape) + '\n';
}

async function judge({ testCase, record }, outcome) {
  let requests = await json(`${record}/__requests`);
  // That a client closed a connection arrives a moment after the client went on.
  const deadline = performance.now() + 20_000;
  while (
    testCase.wire?.closed_ms &&
    requests.length > 0 &&
    requests.at(-1).client_closed_ms === null &&
    performance.now() < deadline
  ) {
    await sleep(10);
    requests = await json(`${record}/__requests`);
  }
  return check(testCase, outcome, requests, await json(`${record}/__connections`));
}

let mock;
/** The address of the mock server, started at first use and ended with this process. */
function mockRoot() {
  mock ??= startMock();
  return mock;
}

async function startMock() {
  const running = process.env.TAILRACE_MOCK_URL;
  if (running) return running.replace(/\/(v1)?$/, '');
  const program = join(ROOT, 'target', 'debug', 'tailrace-mock');
  assert.ok(existsSync(program), `${program} is missing: run \`cargo build -p tailrace-mock\``);
  // It ends when its standard input does, so it cannot outlive the tests.
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line).url.replace(/\/v1$/, '');
  throw new Error('the mock server ended before it said its address');
}

async function json(url, body) {
  const options = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const reply = await fetch(url, options);
  const text = await reply.text();
  assert.ok(reply.ok, `${url}: ${text}`);
  return JSON.parse(text);
}
