// Uses files of this machine for agents with one package and prints what happened, as data.
//
// node agent-files-subject.mjs <folder of the package> <extension>

import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { load, OpenAI } from './agent-setting.mjs';

const { agentFile, prepareAgentDirectory, agentFileDestination } = await load('helpers/beta/agents/filesystem');
const folder = fs.mkdtempSync(join(os.tmpdir(), 'agent-files-'));
const at = (name) => join(folder, name);
const put = (name, text) => { fs.mkdirSync(dirname(at(name)), { recursive: true }); fs.writeFileSync(at(name), text); };
const plain = (value) => JSON.parse(JSON.stringify(value ?? 'undefined').replaceAll(folder, 'FOLDER'));

let log = [];
let fails = 0;
const server = http.createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    const text = Buffer.concat(pieces).toString();
    log.push([request.method, request.url, request.headers['x-mine'], /filename="([^"]*)"/.exec(text)?.[1], text.split('\r\n\r\n').slice(1).map((part) => part.split('\r\n')[0])]);
    response.writeHead(log.length === fails ? 400 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(log.length === fails ? { error: { message: 'no' } } : { id: `file_${log.length}` }));
  });
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const client = (options) => new OpenAI({ apiKey: 'key', baseURL: `http://127.0.0.1:${server.address().port}/v1`, maxRetries: 0, logLevel: 'off', ...options });

const outcomes = {};
async function note(name, act) {
  log = [];
  outcomes[name] = {};
  try {
    outcomes[name].gave = plain(await act());
  } catch (error) {
    outcomes[name].thrown = plain([error.constructor.name, error.message, error.code, error.cause?.message, error.uploadedFiles]);
  }
  outcomes[name].log = log;
}
async function bytes(file) {
  const pieces = [];
  for await (const piece of file.data) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
/** Takes a file, changes something, and reads it then. */
const changed = (name, change) => note(name, async () => {
  put('changing', 'one');
  const file = await agentFile(at('changing'));
  change(at('changing'));
  try { return await bytes(file); } finally { fs.rmSync(at('changing'), { force: true }); }
});
const prepare = (name, directory, params, options, of = client()) =>
  note(name, () => prepareAgentDirectory(of.beta.agents.environments.files, directory, params, options));
async function write(name, ...chunks) {
  const writer = agentFileDestination(at(name)).getWriter();
  for (const chunk of chunks) await writer.write(chunk);
  await writer.close();
  return fs.readFileSync(at(name), 'utf8');
}

for (const [name, text] of Object.entries({ 'a.txt': 'abc', 'sub/b.txt': 'b', 'sub/deep/c.md': 'c', empty: '', '.hidden': 'h', 'sp ace': 's' })) put(name, text);
fs.symlinkSync(at('a.txt'), at('link'));
fs.symlinkSync(at('sub'), at('linked'));
fs.symlinkSync('/nowhere', at('broken'));

for (const name of ['a.txt', 'empty', 'sub', 'missing', 'link', 'linked/b.txt', 'broken', 'a.txt/', 'sub/../a.txt']) {
  await note(`a file: ${name}`, async () => { const file = await agentFile(at(name) + (name.endsWith('/') ? '/' : '')); return [file.name, file.size, Object.keys(file), await bytes(file), await bytes(file)]; });
}
await note('a file without a name', () => agentFile(''));
await note('a file that is none', () => agentFile(undefined));
await note('a file in a form', async () => client().files.create({ file: await agentFile(at('a.txt')), purpose: 'user_data' }));
await note('a file that is left', async () => { const { data } = await agentFile(at('a.txt')); for await (const piece of data) return piece.length; });
await changed('a file that grew', (path) => fs.writeFileSync(path, 'longer'));
await changed('a file that shrank', (path) => fs.writeFileSync(path, 'o'));
await changed('a file of the same size', (path) => fs.writeFileSync(path, 'two'));
await changed('a file that is gone', (path) => fs.unlinkSync(path));
await changed('a file that became a link', (path) => { fs.unlinkSync(path); fs.symlinkSync(at('a.txt'), path); });
await changed('a file that became a folder', (path) => { fs.unlinkSync(path); fs.symlinkSync(at('sub'), path); });

await prepare('one file', folder, { include: ['a.txt'] });
await prepare('files in their order', folder, { include: ['sub/deep/c.md', 'a.txt', 'sub/b.txt'] }, { headers: { 'x-mine': '1' } });
for (const to of ['/workspace/docs', '/workspace/docs/', '/workspace', '/tmp', 'docs', '', '/workspace/.codex', '/workspace/x/..']) await prepare(`into ${to}`, folder, { include: ['a.txt'], to });
for (const include of [
  [], ['missing'], ['sub'], ['*.txt'], ['../x'], ['/etc/passwd'], ['sub/../a.txt'], ['./a.txt'], ['a.txt', 'a.txt'], ['link'], ['linked/b.txt'], ['broken'], ['.hidden'], ['sp ace'], [''], ['sub//b.txt'],
  ['back\\slash'], ['a.txt/'], ['.'], ['a.txt', 'missing'], ['a\0'], ['outputs'], 'a',
]) await prepare(`the names ${JSON.stringify(include)}`, folder, { include });
await prepare('no names', folder, {});
await prepare('a folder that is missing', at('missing'), { include: ['a.txt'] });
await prepare('a folder that is a file', at('a.txt'), { include: ['a.txt'] });
await prepare('a folder that is a link', at('linked'), { include: ['b.txt'] });
await prepare('a folder below a link', at('linked/deep'), { include: ['c.md'] });
await prepare('a folder with dots', at('sub/..'), { include: ['a.txt'] });
fails = 2;
await prepare('an upload that fails', folder, { include: ['a.txt', 'sub/b.txt', 'empty'] });
fails = 0;
const TWO = { include: ['a.txt', 'sub/b.txt'] };
await prepare('a key', folder, TWO, { idempotencyKey: 'k' });
await prepare('a key for one', folder, { include: ['a.txt'] }, { idempotencyKey: 'k' });
await prepare('a key in the headers', folder, TWO, { headers: [['Idempotency-Key', 'k']] });
await prepare('a key that is taken back', folder, TWO, { idempotencyKey: 'k', headers: { 'idempotency-key': null } });
await prepare('a key of the client', folder, TWO, undefined, client({ defaultHeaders: { 'Idempotency-Key': 'k' } }));

await note('a destination', () => write('out', new Uint8Array([65, 66]), new Uint8Array([67])));
await note('a destination that is there', () => write('out', new Uint8Array([68])));
await note('a destination without bytes', () => write('none'));
await note('a destination without a folder', () => write('no/x', new Uint8Array([65])));
await note('a destination that is a folder', () => write('sub', new Uint8Array([65])));
await note('a destination that is a link', () => write('broken', new Uint8Array([65])));
await note('a destination with text', () => write('text', 'text'));
await note('a destination with something else', () => write('else', new ArrayBuffer(2)));
await note('a destination that is none', () => agentFileDestination(undefined));
await note('a destination that is piped', async () => { await new Response('piped').body.pipeTo(agentFileDestination(at('piped'))); return fs.readFileSync(at('piped'), 'utf8'); });
await note('a destination that nobody writes', () => { agentFileDestination(at('unwritten')); return fs.existsSync(at('unwritten')); });
await note('a destination that is given up', async () => { const writer = agentFileDestination(at('given')).getWriter(); await writer.write(new Uint8Array([65])); await writer.abort(new Error('q')); return fs.readFileSync(at('given'), 'utf8'); });
await note('a destination that is given up first', async () => { await agentFileDestination(at('never')).getWriter().abort(new Error('q')); return fs.existsSync(at('never')); });

fs.rmSync(folder, { recursive: true });
process.stdout.write(JSON.stringify(outcomes, null, 1), () => process.exit(0));
