// Writes facts as JSON whose lines are small enough for a readable diff; the twin of facts_json.py.

import fs from 'node:fs';
import path from 'node:path';

const WIDTH = 120;
const LONG_TYPE = 96;
const TYPES = new Set(['type', 'returns']);

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
    fs.writeFileSync(target, `${render(inPieces(value))}\n`);
  }
}

/** `value` with every long type as an array of pieces, so that a member of a union is one line of a diff. */
function inPieces(value, key) {
  if (typeof value === 'string') return TYPES.has(key) ? pieces(value) : value;
  if (Array.isArray(value)) return value.map((member) => inPieces(member));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inPieces(member, name)]));
}

/** Texts whose concatenation is `text`, one for each member of its main list; `text` itself when it is short. */
function pieces(text) {
  if (text.length <= LONG_TYPE) return text;
  let [start, end] = [0, text.length];
  let members;
  for (;;) {
    members = split(text, start, end);
    const longest = members.reduce((a, b) => (b[1] - b[0] > a[1] - a[0] ? b : a));
    const [opening, closing] = brackets(text, ...longest);
    if (closing - opening <= (end - start) / 2) break;
    [start, end] = [opening + 1, closing];
  }
  if (members.length === 1) return text;
  const texts = members.map(([first, last]) => text.slice(first, last));
  return [text.slice(0, start), ...texts, text.slice(end)].filter((piece) => piece !== '');
}

/** Where the members of a list stand, each with the separator and the space behind it. */
function split(text, start, end) {
  const spans = [];
  let first = start;
  for (const [position, depth] of outsideOfStrings(text, start, end)) {
    if (depth > 0 || !'|&,;'.includes(text[position])) continue;
    spans.push([first, position + 2]);
    first = position + 2;
  }
  return [...spans, [first, end]].filter(([a, b]) => b > a);
}

/** The outermost brackets between two positions: where they open and close; both `start` when there are none. */
function brackets(text, start, end) {
  let opening;
  for (const [position, depth] of outsideOfStrings(text, start, end)) {
    if (opening === undefined && depth > 0) opening = position;
    else if (opening !== undefined && depth === 0) return [opening, position];
  }
  return [start, start];
}

/** Each position that is in no string, with the depth of brackets behind it. */
function* outsideOfStrings(text, start, end) {
  let depth = 0;
  let isString = false;
  for (let position = start; position < end; position += 1) {
    const letter = text[position];
    if (letter === "'") isString = !isString;
    if (isString) continue;
    if ('<([{'.includes(letter)) depth += 1;
    // The arrow of a function type closes nothing.
    else if (')]}'.includes(letter) || (letter === '>' && text[position - 1] !== '=')) depth -= 1;
    yield [position, depth];
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
