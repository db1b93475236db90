// The types cost the compiler no more than the official ones: the same program, compiled with either package.
//
// What is compared is what the compiler counts; its times are printed for the reader.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const modulesFolder = process.env.TAILRACE_OFFICIAL_NODE_MODULES;
const skip = modulesFolder ? false : 'needs the folder that TAILRACE_OFFICIAL_NODE_MODULES names';

/** Calls of every kind: an answer, a stream, pages with and without a query, a file, a union to tell apart. */
const program = (name) => `
import OpenAI, { toFile } from '${name}';
const client = new OpenAI();
export async function main(): Promise<void> {
  const whole = await client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
  const stream = await client.responses.create({ model: 'm', input: 'hi', stream: true });
  for await (const event of stream) if (event.type === 'response.output_text.delta') console.log(event.delta);
  for await (const file of client.files.list()) console.log(file.id);
  const page = await client.fineTuning.jobs.list({ limit: 2 }, { timeout: 5 });
  for (const job of (await page.getNextPage()).data) console.log(job.id);
  await client.files.create({ file: await toFile(Buffer.from('a'), 'a'), purpose: 'assistants' });
  const { data, response } = await client.models.retrieve('m').withResponse();
  console.log(whole.id, data.id, response.status);
}
`;

/** What \`tsc --extendedDiagnostics\` counts, by its names. */
function counted(name, target, skipLibCheck) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tailrace-types-'));
  try {
    fs.mkdirSync(path.join(folder, 'node_modules'));
    fs.symlinkSync(target, path.join(folder, 'node_modules', name), 'dir');
    fs.symlinkSync(path.join(root, 'node_modules/@types'), path.join(folder, 'node_modules/@types'), 'dir');
    fs.writeFileSync(path.join(folder, 'program.ts'), program(name));
    const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    // What the declarations of the official package need beside Node's types.
    options.push('--lib', 'es2022,dom,dom.asynciterable,esnext.disposable', '--skipLibCheck', String(skipLibCheck));
    const tsc = path.join(path.resolve(modulesFolder), 'typescript/bin/tsc');
    const command = [tsc, ...options, '--extendedDiagnostics', 'program.ts'];
    const text = execFileSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
    return Object.fromEntries([...text.matchAll(/^([A-Z][\w ]+):\s+([\d.]+)/gm)].map(([, key, value]) => [key, Number(value)]));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

for (const skipLibCheck of [true, false]) {
  test(`instantiations with skipLibCheck ${skipLibCheck}`, { skip }, (t) => {
    const official = counted('openai', path.join(path.resolve(modulesFolder), 'openai'), skipLibCheck);
    const ours = counted('tailrace', root, skipLibCheck);
    for (const key of ['Instantiations', 'Types', 'Lines of Definitions', 'Check time', 'Total time']) {
      t.diagnostic(`${key}: official ${official[key]}, ours ${ours[key]}`);
    }
    assert.ok(official.Instantiations > 100, 'the compiler counted nothing');
    assert.ok(ours.Instantiations <= official.Instantiations, `${ours.Instantiations} of ${official.Instantiations}`);
    assert.ok(ours['Lines of Definitions'] <= official['Lines of Definitions']);
  });
}
