// Builds node/dist: ES modules and CommonJS from the same sources.

import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

rmSync(join(here, 'dist'), { recursive: true, force: true });
for (const [format, type, project] of [
  ['esm', 'module', 'tsconfig.json'],
  ['cjs', 'commonjs', 'tsconfig.cjs.json'],
]) {
  mkdirSync(join(here, 'dist', format), { recursive: true });
  writeFileSync(join(here, 'dist', format, 'package.json'), `${JSON.stringify({ type })}\n`);
  execFileSync(process.execPath, [compiler, '--project', join(here, project)], { stdio: 'inherit' });
}

// `new (require('tailrace'))()` works with the official package, whose CommonJS root is the class and carries the rest.
appendFileSync(
  join(here, 'dist', 'cjs', 'index.js'),
  `
const root = function OpenAI(...values) {
  return Reflect.construct(exports.OpenAI, values, new.target === root ? exports.OpenAI : new.target);
};
root.prototype = exports.OpenAI.prototype;
Object.setPrototypeOf(root, exports.OpenAI);
module.exports = Object.defineProperties(root, Object.getOwnPropertyDescriptors(exports));
`,
);
