// Imports the facts of the official Node package into `api/typescript`.
//
//     node import_typescript.mjs NODE_MODULES
//
// `NODE_MODULES` is the folder that holds `openai` and `typescript` (5.x: the native port that follows it has no such
// API). Declaration files are read with the TypeScript compiler; no JavaScript of the package is opened. What is taken:
// names, module paths, members, types, signatures, re-exports. What is not taken: comments and code. Types are kept from
// the roots on, transitively. A form that this script does not know ends the import with its file and line.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { writeTree } from './facts_json.mjs';
import { Reader } from './typescript_reader.mjs';

const api = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'api');

const [nodeModules, ...rest] = process.argv.slice(2);
if (!nodeModules || rest.length > 0) {
  console.error('usage: import_typescript.mjs NODE_MODULES');
  process.exit(2);
}
const require = createRequire(pathToFileURL(path.resolve(nodeModules, 'importer.js')));
const ts = require('typescript');
const packageFolder = path.join(fs.realpathSync(nodeModules), 'openai');
const { version } = JSON.parse(fs.readFileSync(path.join(packageFolder, 'package.json'), 'utf8'));
const roots = JSON.parse(fs.readFileSync(path.join(api, 'roots.json'), 'utf8')).operations;

const reader = new Reader(ts, packageFolder);
for (const operation of roots) reader.readOperation(operation);
const modules = reader.facts();

const files = { 'source.json': { package: 'openai', version } };
for (const facts of modules) files[`modules/${facts.module}.json`] = facts;
writeTree(path.join(api, 'typescript'), files);
console.log(`openai ${version}: ${modules.length} modules`);
