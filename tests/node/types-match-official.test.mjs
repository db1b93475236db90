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
  assert.ok(names.length > 8000, `only ${names.length} types are compared`);
  const differing = compare(names, (ours, theirs) => `Same<${officialPart(ours)}, ${officialPart(theirs)}>`);
  assert.deepEqual(differing, []);
});

test('the comparison sees a difference', { skip }, () => {
  const [name] = modules().flatMap(typeNames);
  const differing = compare([name], (ours, theirs) => `Same<${ours} & { more: 1 }, ${theirs}>`);
  assert.deepEqual(differing, [`${name.module}#${name.type}`]);
});

/** A type without the options of connections that are ours. */
function officialPart(type) {
  const own = "'audio' | 'closeTimeout' | 'idleTimeout' | 'pingInterval' | 'pingTimeout' | 'resume'";
  return /WS(Base|Client)Options$/.test(type) ? `Omit<${type}, ${own}>` : type;
}

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
  const codes = new Map();
  for (const { line, code } of diagnostics(lines.join('\n'))) {
    const { module, type } = names[line - first] ?? assert.fail(`the comparison itself does not compile: ${code}`);
    codes.set(`${module}#${type}`, [...(codes.get(`${module}#${type}`) ?? []), code]);
  }
  return [...codes].filter(([, found]) => !isOfBoth(found)).map(([name]) => name);
}

/** A name that neither package exports, or a generic type of both, which the test of the surface compares. */
function isOfBoth(codes) {
  const noSuchName = [2694, 2724];
  const needsArguments = [2314, 2707];
  return codes.length % 2 === 0 && codes.every((code) => [...noSuchName, ...needsArguments].includes(code));
}

/** What the compiler says of `text`, a file beside the generated ones that exists in memory only. */
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
    paths: {
      'openai/*': [`${path.dirname(require.resolve('openai/version'))}/*.d.ts`],
      ws: [path.join(root, 'node_modules/@types/ws/index.d.ts')],
    },
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.resolveModuleNameLiterals = (literals, containing) =>
    literals.map(({ text }) => resolved(text, containing, options, host));
  host.fileExists = (name) => path.resolve(name) === file || fileExists(name);
  host.getSourceFile = (name, ...rest) =>
    path.resolve(name) === file ? ts.createSourceFile(name, text, ...rest) : getSourceFile(name, ...rest);
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file);
  const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  return found.map(({ start, code }) => ({ line: source.getLineAndCharacterOfPosition(start).line, code }));
}

/**
 * Generated files see the official hand-written ones. Classes are of one type only with themselves, so that every page
 * and stream would differ otherwise; the test of the surface compares those.
 */
function resolved(name, containing, options, host) {
  const found = ts.resolveModuleName(name, containing, options, host, undefined, undefined, ts.ModuleKind.ESNext);
  const target =
    found.resolvedModule && path.relative(path.join(root, 'node/src'), found.resolvedModule.resolvedFileName);
  if (target === undefined || target.startsWith('..') || target.startsWith('resources')) return found;
  const theirs = path.join(path.dirname(require.resolve('openai/version')), target.replace(/\.ts$/, '.d.ts'));
  if (!containing.includes(`${path.sep}resources${path.sep}`) || !fs.existsSync(theirs)) return found;
  return { resolvedModule: { ...found.resolvedModule, resolvedFileName: theirs, extension: ts.Extension.Dts } };
}
