// Writes facts as JSON whose lines are small enough for a readable diff; the twin of facts_json.py.

import fs from 'node:fs';
import path from 'node:path';

const WIDTH = 120;

/** JSON text of `value`: what fits into one line of 120 columns stays there, the rest has one member a line. */
export function render(value, indent = 0, keyWidth = 0) {
  const flat = inline(value);
  const isContainer = typeof value === 'object' && value !== null;
  const isSmall = indent > 0 && isContainer && !Object.values(value).some((member) => typeof member === 'object');
  if (!isContainer || Object.keys(value).length === 0 || (isSmall && indent + keyWidth + flat.length < WIDTH)) return flat;
  const rows = Array.isArray(value)
    ? value.map((member) => render(member, indent + 2))
    : Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}: ${render(v, indent + 2, k.length + 5)}`);
  const [opening, closing] = Array.isArray(value) ? '[]' : '{}';
  const inner = ' '.repeat(indent + 2);
  return `${opening}\n${rows.map((row) => inner + row).join(',\n')}\n${' '.repeat(indent)}${closing}`;
}

/** Makes `folder` hold exactly `files` (relative path -> value); files of earlier imports go away. */
export function writeTree(folder, files) {
  fs.mkdirSync(folder, { recursive: true });
  for (const old of fs.readdirSync(folder, { recursive: true })) {
    if (old.endsWith('.json') && !(old.split(path.sep).join('/') in files)) fs.unlinkSync(path.join(folder, old));
  }
  for (const [name, value] of Object.entries(files)) {
    const target = path.join(folder, name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, `${render(value)}\n`);
  }
}

function inline(value) {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, member]) => `${JSON.stringify(key)}: ${inline(member)}`)
      .join(', ')}}`;
  }
  return JSON.stringify(value);
}
