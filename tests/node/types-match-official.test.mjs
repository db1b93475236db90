// Every generated type is the type of the same name in the official package, to the TypeScript compiler.
//
// The official package and the compiler are tools of this test and no dependencies.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const OFFICIAL_VERSION = '7.57.0';
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const facts = path.join(root, 'crates/tailrace-codegen/api/typescript/modules');
// The folder of npm modules that holds both tools, which the test command makes.
const modulesFolder = process.env.TAILRACE_OFFICIAL_NODE_MODULES;
const require = createRequire(modulesFolder ? path.join(modulesFolder, 'tools.js') : import.meta.url);

function optional(name) {
  try {
    return require(name);
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

const ts = optional('typescript');
// The official package hides its package.json, but exports its version.
const official = optional('openai/version');
const skip = !ts?.createProgram
  ? 'needs typescript 5 in the folder that TAILRACE_OFFICIAL_NODE_MODULES names'
  : !official
    ? 'needs the official package in the folder that TAILRACE_OFFICIAL_NODE_MODULES names'
    : false;

test('the installed official package is the one that the facts are of', { skip }, () => {
  assert.equal(official.VERSION, OFFICIAL_VERSION);
});

test('generated types are identical to the official ones', { skip }, () => {
  const names = modules().flatMap(typeNames);
  assert.ok(names.length > 650, `only ${names.length} types are compared`);
  const differing = compare(names, (ours, theirs) => `Same<${ours}, ${theirs}>`);
  assert.deepEqual(differing, []);
});

test('the comparison sees a difference', { skip }, () => {
  const [name] = modules().flatMap(typeNames);
  const differing = compare([name], (ours, theirs) => `Same<${ours} & { more: 1 }, ${theirs}>`);
  assert.deepEqual(differing, [`${name.module}#${name.type}`]);
});

function modules() {
  return fs
    .readdirSync(facts, { recursive: true })
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(fs.readFileSync(path.join(facts, file), 'utf8')));
}

/** Every type that a module declares or exports again, those inside namespaces included. */
function typeNames({ module, declarations }) {
  const found = [];
  const visit = (list, prefix) => {
    for (const declaration of list) {
      const { kind, name, exports = [] } = declaration;
      if (kind === 'interface' || kind === 'alias') found.push({ module, type: prefix + name });
      const inside = kind === 'namespace' ? `${prefix}${name}.` : prefix;
      for (const item of exports) if (!item.value) found.push({ module, type: inside + (item.as ?? item.name) });
      if (kind === 'namespace') visit(declaration.declarations ?? [], inside);
    }
  };
  visit(declarations, '');
  return found;
}

/** The names for which the compiler refuses the condition. */
function compare(names, condition) {
  const lines = [
    'type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;',
    'declare function check<T extends true>(value?: T): void;',
  ];
  const paths = [...new Set(names.map(({ module }) => module))];
  paths.forEach((module, index) => {
    lines.push(`import type * as ours${index} from './${module}.js';`);
    lines.push(`import type * as theirs${index} from 'openai/${module}';`);
  });
  const first = lines.length;
  for (const { module, type } of names) {
    const index = paths.indexOf(module);
    lines.push(`check<${condition(`ours${index}.${type}`, `theirs${index}.${type}`)}>();`);
  }
  const refused = diagnostics(lines.join('\n')).map((line) => names[line - first]);
  assert.ok(!refused.includes(undefined), 'the comparison itself does not compile');
  return refused.map(({ module, type }) => `${module}#${type}`);
}

/** The lines of `text`, a file beside the generated ones that exists in memory only, which do not compile. */
function diagnostics(text) {
  const file = path.join(root, 'node/src/types-match-official.ts');
  const options = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    paths: { 'openai/*': [`${path.dirname(require.resolve('openai/version'))}/*.d.ts`] },
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (name) => path.resolve(name) === file || fileExists(name);
  host.getSourceFile = (name, ...rest) =>
    path.resolve(name) === file ? ts.createSourceFile(name, text, ...rest) : getSourceFile(name, ...rest);
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file);
  const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  return found.map((diagnostic) => source.getLineAndCharacterOfPosition(diagnostic.start).line);
}
