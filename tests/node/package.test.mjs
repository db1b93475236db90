// The package as users get it: subpaths, ES modules and CommonJS, types, a missing addon.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT } from './support.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'tailrace-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** A user's project that has the package installed. */
function project(name, type) {
  const folder = join(scratch, name);
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(ROOT, join(folder, 'node_modules', 'tailrace'), 'dir');
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, type }));
  return folder;
}

const esm = project('esm', 'module');
const cjs = project('cjs', 'commonjs');
const evaluate = (folder, kind, source) =>
  execFileSync(process.execPath, [`--input-type=${kind}`, '--eval', source], { cwd: folder, encoding: 'utf8' });

const SUBPATHS = [
  'error',
  'streaming',
  'resource',
  'resources',
  'api-promise',
  'fetch',
  'testing',
  'version',
  'index',
  'core/error',
  'core/streaming',
  'core/resource',
  'core/api-promise',
  'resources/index',
  'resources/shared',
  'resources/chat',
  'resources/chat/chat',
  'resources/chat/completions',
  'resources/chat/completions/completions',
  'resources/responses/responses',
];

test('every documented subpath can be imported and required, with and without its ending', () => {
  const list = JSON.stringify(SUBPATHS);
  evaluate(
    esm,
    'module',
    `for (const path of ${list}) for (const end of ['', '.mjs', '.js']) await import('tailrace/' + path + end);`,
  );
  evaluate(
    cjs,
    'commonjs',
    `for (const path of ${list}) for (const end of ['', '.js']) require('tailrace/' + path + end);`,
  );
});

test('import and require give the class, by default and by name', () => {
  evaluate(
    esm,
    'module',
    `import assert from 'node:assert'; import OpenAI, { OpenAI as Named, APIError } from 'tailrace';
     assert.equal(OpenAI, Named); assert.equal(OpenAI.APIError, APIError); new OpenAI({ apiKey: 'k' });`,
  );
  evaluate(
    cjs,
    'commonjs',
    `const assert = require('node:assert'); const root = require('tailrace');
     assert.equal(root.OpenAI, root.default); assert.equal(root.OpenAI.APIError, root.APIError); assert.ok(root.__esModule);
     const direct = new root({ apiKey: 'k' });
     assert.ok(direct instanceof root && direct instanceof root.OpenAI && direct.constructor === root.OpenAI);
     class Mine extends root {}
     assert.ok(new Mine({ apiKey: 'k' }) instanceof Mine);`,
  );
});

test('CommonJS streams too', () => {
  const source = `
    const { OpenAI } = require('tailrace'); const { MockServer } = require('tailrace/testing');
    const server = new MockServer();
    const client = new OpenAI({ apiKey: 'k', baseURL: server.url });
    (async () => {
      let text = '';
      const stream = await client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true });
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
      const error = await client.post('/nowhere', { body: {}, maxRetries: 0 }).catch((reason) => reason);
      console.log(text.length > 3, error instanceof OpenAI.NotFoundError);
      server.stop();
    })();`;
  assert.equal(evaluate(cjs, 'commonjs', source), 'true true\n');
});

test('both formats work in one process', () => {
  const source = `
    import { createRequire } from 'node:module';
    import OpenAI from 'tailrace'; import { MockServer } from 'tailrace/testing';
    const root = createRequire(import.meta.url)('tailrace');
    const server = new MockServer();
    for (const Client of [OpenAI, root.OpenAI]) {
      const client = new Client({ apiKey: 'k', baseURL: server.url });
      console.log((await client.responses.create({ model: 'm', input: 'hi' })).object);
    }
    server.stop();`;
  assert.equal(evaluate(esm, 'module', source), 'response\nresponse\n');
});

test('a user project compiles strictly, as an ES module and as CommonJS', (t) => {
  const require = createRequire(import.meta.url);
  let compiler;
  try {
    compiler = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  } catch {
    t.skip('typescript is not installed: run npm ci');
    return;
  }
  for (const folder of [esm, cjs]) {
    const files = ['usage.ts', 'surface.ts'];
    for (const file of files) cpSync(join(ROOT, 'tests', 'node', 'projects', file), join(folder, file));
    const options = { module: 'nodenext', target: 'es2022', strict: true, noEmit: true, types: ['node'] };
    const compilerOptions = { ...options, typeRoots: [join(ROOT, 'node_modules', '@types')] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const { status, stdout } = spawnSync(process.execPath, [compiler, '--project', folder], { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
  }
});

test('the package has no runtime dependency', () => {
  assert.deepEqual(Object.keys(manifest.dependencies ?? {}), []);
  assert.equal(manifest.engines.node, '>=20');
});

test('a missing addon is one clear sentence', () => {
  const folder = join(scratch, 'bare');
  cpSync(join(ROOT, 'node', 'dist'), join(folder, 'node', 'dist'), { recursive: true });
  assert.ok(!existsSync(join(folder, 'node', 'native')));
  const source = `
    import OpenAI from './node/dist/esm/index.js';
    try { await new OpenAI({ apiKey: 'k' }).get('/x'); } catch (error) { console.log(error.message); }`;
  assert.match(
    evaluate(folder, 'module', source),
    /^tailrace has no native addon for \w+-\w+ \(Node .*\): install the package again/,
  );
});
