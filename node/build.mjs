// Builds node/dist: CommonJS out of the sources, and ES modules that hand on what those export.
//
// There is one copy of each class, whichever way it is loaded, and CommonJS can load a group of methods when it is
// first touched.

import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
const cjs = join(here, 'dist', 'cjs');
const esm = join(here, 'dist', 'esm');

rmSync(join(here, 'dist'), { recursive: true, force: true });
for (const [folder, type] of [
  [cjs, 'commonjs'],
  [esm, 'module'],
]) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ type })}\n`);
}
execFileSync(process.execPath, [compiler, '--project', join(here, 'tsconfig.json')], { stdio: 'inherit' });

// `new (require('tailrace'))()` works with the official package, whose CommonJS root is the class and carries the rest.
appendFileSync(
  join(cjs, 'index.js'),
  `
const root = function OpenAI(...values) {
  return Reflect.construct(exports.OpenAI, values, new.target === root ? exports.OpenAI : new.target);
};
root.prototype = exports.OpenAI.prototype;
Object.setPrototypeOf(root, exports.OpenAI);
module.exports = Object.defineProperties(root, Object.getOwnPropertyDescriptors(exports));
`,
);

for (const entry of readdirSync(cjs, { recursive: true, withFileTypes: true })) {
  const file = relative(cjs, join(entry.parentPath, entry.name));
  const target = join(esm, file);
  if (/\.d\.c?ts$/.test(file)) {
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(cjs, file), target);
  } else if (file.endsWith('.js')) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, wrapper(join(cjs, file), target));
  }
}

/** An ES module with the exports of a CommonJS one. */
function wrapper(file, target) {
  const names = Object.keys(require(file)).filter((name) => name !== '__esModule');
  const path = relative(dirname(target), file).replaceAll('\\', '/');
  const lines = names.map((name) =>
    name === 'default' ? 'export default m.default;' : `export const ${name} = m.${name};`,
  );
  return lines.length === 0 ? 'export {};\n' : `import m from '${path}';\n${lines.join('\n')}\n`;
}
