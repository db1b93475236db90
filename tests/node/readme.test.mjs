// The quick start of the README runs as it stands there.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { mockServer, ROOT } from './support.mjs';

const server = mockServer();

test('the quick start runs unchanged', async (t) => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [, program] = /```ts\n(.*?)```/s.exec(readme);
  const folder = mkdtempSync(join(tmpdir(), 'tailrace-readme-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'tailrace'));
  // It holds no type annotation, so it is JavaScript too.
  writeFileSync(join(folder, 'quick-start.mjs'), program);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['quick-start.mjs'], {
    cwd: folder,
    env: { ...process.env, OPENAI_API_KEY: 'k', OPENAI_BASE_URL: server.url },
  });
  assert.equal(stderr, '');
  const [streamed, whole] = stdout.split('\n');
  assert.ok(streamed.split(' ').length > 5, stdout);
  assert.ok(whole.split(' ').length > 5, stdout);
});
