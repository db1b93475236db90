// Strict schemas of zod 3, 4 and mini, of Standard Schema and of plain JSON schemas beside the official package.
//
// The official package runs in the node program that `TAILRACE_OFFICIAL_NODE` names, from the folder
// `TAILRACE_OFFICIAL_NODE_MODULES`, which has zod, too.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { toStrictJsonSchema } from '../../node/dist/esm/lib/transform.js';
import { DIST, ROOT } from './support.mjs';

const { TAILRACE_OFFICIAL_NODE: officialNode, TAILRACE_OFFICIAL_NODE_MODULES: modules } = process.env;
const skip =
  (!(officialNode && modules) &&
    'the official package is not named: set TAILRACE_OFFICIAL_NODE and TAILRACE_OFFICIAL_NODE_MODULES') ||
  (!fs.existsSync(join(modules, 'zod')) && 'zod is not installed beside the official package');

/** What differs, with the reason. */
const DIFFERENT = {
  'zod 3 realtime litb': 'the official package gives a schema that no request can hold: its constant is a BigInt',
};
/** Messages of the official package that are those of JavaScript's own mistakes. */
const ACCIDENTS = /^Cannot (read properties of null|use 'in' operator)/;

async function outcomes(node, folder, extension) {
  const program = join(ROOT, 'tests/node/strict-schema-subject.mjs');
  // What a helper loads of zod is found as a package beside this one is.
  const env = { ...process.env, NODE_PATH: modules };
  const options = { timeout: 100_000, maxBuffer: 1 << 28, env };
  const { stdout } = await promisify(execFile)(node, [program, folder, extension], options);
  return JSON.parse(stdout);
}

/** The class of an error, and what its message names. */
function comparable(outcome) {
  if (typeof outcome === 'string') return outcome;
  const { kind, message } = outcome;
  if (ACCIDENTS.test(message) || /^Expected .* to be an object/.test(message)) return { kind };
  return { kind, named: message.match(/`[^`]*`|"[^"]*"/g) };
}

test('schemas, tools and what they parse equal those of the official package', { skip, timeout: 120_000 }, async () => {
  const [ours, official] = await Promise.all([
    outcomes(process.execPath, join(DIST, 'cjs'), '.js'),
    outcomes(officialNode, join(modules, 'openai'), '.mjs'),
  ]);
  assert.deepEqual(Object.keys(ours), Object.keys(official));
  assert.ok(Object.keys(official).length > 1400, `only ${Object.keys(official).length} cases are compared`);
  const failed = Object.keys(official).filter((name) => {
    const isEqual = JSON.stringify(comparable(ours[name])) === JSON.stringify(comparable(official[name]));
    return isEqual === name in DIFFERENT;
  });
  const shown = failed.slice(0, 20).map((name) => ({ name, ours: ours[name], official: official[name] }));
  assert.equal(failed.length, 0, JSON.stringify(shown, null, 1));
});

test('a hostile schema is refused', () => {
  const deep = (levels) => {
    let schema = {};
    for (let level = 0; level < levels; level++) schema = { type: 'array', items: schema };
    return { type: 'object', properties: { a: schema } };
  };
  assert.throws(() => toStrictJsonSchema(deep(2000)), /nests more than 400 levels/);
  const circle = { type: 'object', properties: { a: { $ref: '#/properties/a' } }, required: ['a'] };
  assert.deepEqual(toStrictJsonSchema(circle), { ...circle, additionalProperties: false });
  const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`p${index}`, { type: 'string' }]));
  const many = { type: 'object', properties: wide, required: Object.keys(wide) };
  assert.equal(toStrictJsonSchema(many).required.length, 20_000);
});

test('a schema that needs zod, where there is none, says so', async () => {
  const program = `
    const { zodResponseFormat } = require(process.argv[1]);
    try { zodResponseFormat({ _zod: { def: {} } }, 'n'); } catch (error) { console.log(error.constructor.name, error.message); }`;
  const { NODE_PATH: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program, join(DIST, 'cjs/helpers/zod.js')], { env });
  assert.match(stdout, /^OpenAIError A schema of zod\/mini needs the package `zod`/);
});

test('a schema is left as it was', () => {
  const schema = { type: 'object', properties: { a: { allOf: [{ type: 'object', properties: {}, required: [] }] } }, required: ['a'] };
  const before = structuredClone(schema);
  assert.notEqual(toStrictJsonSchema(schema), schema);
  assert.deepEqual(schema, before);
});
