// Every path that the official package opens is here with its names; little is loaded early.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { DIST, ROOT, runNode } from './support.mjs';

const modulesFolder = process.env.TAILRACE_OFFICIAL_NODE_MODULES;
const official = modulesFolder && createRequire(join(modulesFolder, 'tools.js'));
const ours = createRequire(join(ROOT, 'package.json'));

/** The modules below a folder, without their endings. */
const modules = (folder) =>
  readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.js'))
    .map((file) => file.slice(0, -3));

test(
  'every path of the official package is here, with its names',
  { skip: !official && 'needs the official package' },
  () => {
    const paths = modules(dirname(official.resolve('openai'))).filter(
      (path) => !/^(src|bin|internal|_vendor)\//.test(path),
    );
    assert.ok(paths.length > 300, `only ${paths.length} paths are compared`);
    const missing = [];
    for (const path of paths) {
      const found = ours(`tailrace/${path}`);
      assert.equal(ours.resolve(`tailrace/${path}.js`), ours.resolve(`tailrace/${path}`));
      let theirs;
      try {
        theirs = official(`openai/${path}`);
      } catch (error) {
        // It needs a package that is not installed, such as `ws`.
        assert.equal(error.code, 'MODULE_NOT_FOUND', path);
        continue;
      }
      for (const name of Object.keys(theirs))
        if (typeof found[name] !== typeof theirs[name]) missing.push(`${path}#${name}`);
    }
    assert.deepEqual(missing, []);
  },
);

test('an ES module has the very values of its CommonJS twin', async () => {
  const paths = modules(join(DIST, 'esm')).filter((path) => !path.startsWith('internal'));
  assert.ok(paths.length > 300);
  for (const path of paths) {
    const [esm, cjs] = [await import(`tailrace/${path}`), ours(`tailrace/${path}`)];
    for (const name of Object.keys(esm)) assert.equal(esm[name], cjs[name], `${path}#${name}`);
    assert.deepEqual(
      Object.keys(esm).sort(),
      Object.keys(cjs)
        .filter((name) => name !== '__esModule')
        .sort(),
      path,
    );
  }
});

test('private paths are closed', () => {
  assert.throws(() => ours('tailrace/internal/call'), { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' });
});

test('a group of methods is loaded when it is first touched, and can be replaced', async () => {
  const { stdout } = await runNode(`
    import { createRequire } from 'node:module';
    import OpenAI from './node/dist/esm/index.js';
    const { cache } = createRequire(process.cwd() + '/x.js');
    const loaded = () => Object.keys(cache).filter((file) => /resources.(?!openai)/.test(file)).length;
    const client = new OpenAI({ apiKey: 'k' });
    const counts = [loaded()];
    const { chat } = client;
    counts.push(loaded(), client.chat === chat, chat instanceof OpenAI.Chat, OpenAI.Chat.Completions.name);
    const other = new OpenAI({ apiKey: 'k' });
    other.chat = { mine: true };
    class Mine extends OpenAI {}
    counts.push(OpenAI.prototype.chat === undefined, new Mine({ apiKey: 'k' }).chat instanceof Mine.Chat);
    counts.push(other.chat.mine, client.chat === chat, Object.keys(client).includes('chat'), 'files' in client);
    console.log(JSON.stringify(counts));`);
  const [before, after, ...rest] = JSON.parse(stdout);
  assert.equal(before, 0);
  assert.ok(after > 0 && after < 20, `${after} modules for client.chat`);
  assert.deepEqual(rest, [true, true, 'Completions', true, true, true, true, true, true]);
});

test(
  'importing and making a client is faster than with the official package',
  { skip: !official && 'needs it' },
  async () => {
    // Processor time, in turn: what else the machine does touches neither, or both.
    const source = `const { user, system } = process.cpuUsage();
    const { default: OpenAI } = await import(process.argv[1]); new OpenAI({ apiKey: 'k' });
    const after = process.cpuUsage();
    console.log(after.user + after.system - user - system);`;
    const files = [join(DIST, 'esm', 'index.js'), join(dirname(official.resolve('openai')), 'index.mjs')];
    const least = [Infinity, Infinity];
    for (let turn = 0; turn < 5; turn++) {
      for (const [at, file] of files.entries()) {
        least[at] = Math.min(least[at], Number((await runNode(source, { args: [file] })).stdout));
      }
    }
    assert.ok(least[0] < least[1] / 2, `${least[0]} us against ${least[1]} us`);
  },
);
