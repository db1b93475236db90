// Imports the facts of the official Node package into `api/typescript`.
//
//     node import_typescript.mjs NODE_MODULES [FOLDER]
//
// `NODE_MODULES` is the folder that holds `openai` and `typescript` (5.x: the native port that follows it has no such
// API); `FOLDER` is written instead of `api/typescript`, which is how two releases are compared. Declaration files are
// read with the TypeScript compiler; no JavaScript of the package is opened. What is taken: names, module paths,
// members, types, signatures, re-exports. What is not taken: comments and code. A form that this script does not know
// ends the import with its file and line.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { writeTree } from './facts_json.mjs';
import { Reader } from './typescript_reader.mjs';

const api = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'api');

const [nodeModules, folder = path.join(api, 'typescript'), ...rest] = process.argv.slice(2);
if (!nodeModules || rest.length > 0) {
  console.error('usage: import_typescript.mjs NODE_MODULES [FOLDER]');
  process.exit(2);
}
const require = createRequire(pathToFileURL(path.resolve(nodeModules, 'importer.js')));
const ts = require('typescript');
const packageFolder = path.join(fs.realpathSync(nodeModules), 'openai');
const { version } = JSON.parse(fs.readFileSync(path.join(packageFolder, 'package.json'), 'utf8'));

const reader = new Reader(ts, packageFolder);
const modules = reader.modules();

const files = { 'source.json': { package: 'openai', version }, 'client.json': reader.client(), 'shapes.json': reader.shapes() };
for (const facts of modules) files[`modules/${facts.module}.json`] = facts;
writeTree(folder, files);
console.log(`openai ${version}: ${modules.length} modules`);
