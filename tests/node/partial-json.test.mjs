// JSON text that goes on: the value at every character, the object that grows, and the elements of one array.
//
// The values were taken from the official package's parser, which is run beside ours where it is installed.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import test from 'node:test';

import { partialJson } from 'tailrace';

import { GrowingJson, JsonElements, PartialJson, pathOf } from '../../node/dist/esm/internal/structured/partial-json.js';

/** Text, and its value as JSON; `!` where there is none. */
const PREFIXES = [
  ['{', '{}'],
  ['{"a"', '{}'],
  ['{"a":', '{}'],
  ['{"a":1', '{}'],
  ['{"a":1 ', '{}'],
  ['{"a":1,', '{"a":1}'],
  ['{"a":1}', '{"a":1}'],
  ['{"a":"x', '{"a":"x"}'],
  ['{"a":"x\\', '{"a":"x"}'],
  ['{"a":"x\\u12', '{"a":"x"}'],
  ['{"a":{"b":"', '{"a":{"b":""}}'],
  ['[1,2', '[1]'],
  ['[1,2]', '[1,2]'],
  ['[[1,[2,3', '[[1,[2]]]'],
  ['[1.5', '[]'],
  ['[1.5,', '[1.5]'],
  ['[-', '[]'],
  ['["a","', '["a",""]'],
  ['[t', '[true]'],
  ['[tru', '[true]'],
  ['{"a":nul', '{"a":null}'],
  ['["\\ud83d', '["\\ud83d"]'],
  ['["\\ud83d\\ude', '["\\ud83d"]'],
  ['["\\ud83d\\ude00', '["😀"]'],
  ['12', '12'],
  ['-1.5', '-1.5'],
  ['"ab', '"ab"'],
  // White space at the end is trimmed, also of a string.
  ['{"a":"b  ', '{"a":"b"}'],
  ['["\\n \\n ', '["\\n \\n"]'],
  ['"  ', '""'],
  ['tr', 'true'],
  [' {"a":1} ', '{"a":1}'],
  // What is wrong within brackets ends the growth.
  ['{"a":]', '{}'],
  ['[1,}', '[1]'],
  ['[,', '[]'],
  ['[1 2]', '[]'],
  ['{"a":[1 2],"b":3}', '{"a":[]}'],
  ['{"a":1}}', '{"a":1}'],
  ['[trux', '[]'],
  ['["a\nb"]', '[]'],
  ['[1, "a\u0001b", 2]', '[1]'],
  ['truex', 'true'],
  ['"ab" x', '"ab"'],
  ['-', '!'],
  ['1.', '!'],
  ['1x', '!'],
  ['01', '!'],
  ['nulx', '!'],
  ['hello', '!'],
  ['{"a":1,"a":2}', '{"a":2}'],
  ['{"__proto__":{"a":1},"b":2}', '{"__proto__":{"a":1},"b":2}'],
  ['{"__proto__":"ab', '{"__proto__":"ab"}'],
  ['\ufeff\u00a0[1]', '[1]'],
];

function valueOf(text, size) {
  const json = new PartialJson();
  for (let at = 0; at < text.length; at += size) json.push(text.slice(at, at + size));
  try {
    return JSON.stringify(json.value());
  } catch (error) {
    assert.ok(error instanceof SyntaxError);
    assert.match(error.message, /^The text is no JSON from byte \d+ on: /);
    return '!';
  }
}

test('the value of a text that goes on is the official one', () => {
  for (const [text, value] of PREFIXES) {
    for (const size of [1, 2, 3, text.length]) assert.equal(valueOf(text, size), value, `${text} by ${size}`);
  }
});

test('words that are no JSON are numbers, as to the official parser', () => {
  assert.deepEqual(partialJson('[NaN,-Infinity,I'), [NaN, -Infinity, Infinity]);
  assert.deepEqual(partialJson('N'), NaN);
  assert.deepEqual(partialJson('{"a":-I'), { a: -Infinity });
});

test('partialJson gives undefined before a value and throws where no JSON begins', () => {
  assert.deepEqual(partialJson('{"plan":{"steps":["wash","dr'), { plan: { steps: ['wash', 'dr'] } });
  assert.equal(partialJson(' \n'), undefined);
  assert.throws(() => partialJson('nix'), { name: 'SyntaxError', message: /from byte 1 on/ });
});

test('whole texts are what JSON.parse makes of them', () => {
  const texts = [
    '1e400', '-0', '123456789012345678901234567890', '[1.0,1E+2,0.1e1]', '"\\ud800"', '"\\udc00\\ud800"',
    '{"\\ud800":1,"\\ud801":2}', '"\\u0000\u2028\u007f"', '{"":{}}', '{"b":1,"a":2,"b":3}', '[[[]],{}]',
    ' \t\r\n null \n', '"\\/\\b\\f\\n\\r\\t\\"\\\\"', '{"\\u0061\\n":"\\ud83d\\ude00é€😀"}', '{"10":1,"9":2}',
    '["\ud800x"]',
  ];
  for (const text of texts) {
    for (const size of [1, 2, text.length]) {
      const json = new PartialJson();
      for (let at = 0; at < text.length; at += size) json.push(text.slice(at, at + size));
      assert.deepStrictEqual(json.value(), JSON.parse(text), text);
    }
  }
  const deep = '['.repeat(20_000) + ']'.repeat(20_000);
  let value = partialJson(deep);
  let depth = 0;
  for (; Array.isArray(value); value = value[0]) depth++;
  assert.equal(depth, 20_000);
});

test('values of before stay, and share what has ended', () => {
  const json = new PartialJson();
  json.push('{"a":{"b":[1,2]},"c":[[3],"x');
  const first = json.value();
  json.push('y",{"d":4}],"e":nu');
  const second = json.value();
  assert.deepEqual(first, { a: { b: [1, 2] }, c: [[3], 'x'] });
  assert.deepEqual(second, { a: { b: [1, 2] }, c: [[3], 'xy', { d: 4 }], e: null });
  assert.equal(second.a, first.a);
  assert.equal(second.c[0], first.c[0]);
  assert.deepEqual(json.valueAt(28), first);
  assert.deepEqual(json.valueAt(1), {});
});

test('one object grows in place', () => {
  const growing = new GrowingJson();
  assert.equal(growing.push(' '), false);
  assert.equal(growing.value, undefined);
  assert.equal(growing.push('{"a'), true);
  const { value } = growing;
  assert.equal(growing.push('":'), false);
  assert.equal(growing.push('["x'), true);
  const { a } = value;
  growing.push('y');
  growing.push('",1');
  assert.deepEqual(value, { a: ['xy'] });
  growing.push('2,{"__proto__":"p');
  growing.push('q"}],');
  assert.equal(growing.value, value);
  assert.equal(value.a, a);
  assert.equal(JSON.stringify(value), '{"a":["xy",12,{"__proto__":"pq"}]}');
  assert.equal(growing.push('x'), false);
  assert.equal(growing.push('"b":1}'), false);
});

test('elements come as they end', () => {
  const elements = new JsonElements(['plan', 'steps']);
  const pieces = ['{"plan":{"steps":[{"a":', '1}, "b', 'c"', ',3', ']', ',"x":[4]}}'];
  assert.deepEqual(pieces.map((piece) => elements.push(piece)), [[], ['{"a":1}'], ['"bc"'], [], ['3'], []]);
  const broken = new JsonElements([]);
  assert.deepEqual(broken.push('[1,x'), ['1']);
  assert.throws(() => broken.push('2'), /byte 3/);
  assert.deepEqual(pathOf('plan.steps.*'), ['plan', 'steps', '*']);
  assert.deepEqual(pathOf('/a~1b/c~0d/0'), ['a/b', 'c~d', '0']);
  assert.deepEqual(pathOf(''), []);
});

/** Documents from a fixed seed. */
function documents(count) {
  let seed = 7;
  const next = (below) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  const texts = ['', 'a', 'b"\\', 'é€', '😀', '\n\t/', 'words of some length'];
  const text = () => texts[next(texts.length)];
  const value = (depth) => {
    const kind = next(depth > 3 ? 4 : 7);
    if (kind === 0) return next(2) ? next(1e6) - 5e5 : next(1e6) / 7;
    if (kind === 1) return [true, false, null][next(3)];
    if (kind < 4) return text() + text();
    if (kind < 5) return Array.from({ length: next(4) }, () => value(depth + 1));
    return Object.fromEntries(Array.from({ length: next(4) }, () => [text(), value(depth + 1)]));
  };
  return Array.from({ length: count }, () => {
    const json = JSON.stringify([value(0), { k: value(0) }], null, next(2) ? 1 : undefined);
    return next(2) ? json : json.replaceAll(/[^\x20-\x7e\n]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  });
}

const ORACLE = `
const { partialParse } = require('openai/_vendor/partial-json-parser/parser.js');
const documents = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(documents.map((text) => Array.from({ length: text.length }, (_, at) => at + 1).map((at) => JSON.stringify(partialParse(text.slice(0, at)))))));
`;

test('generated documents have the official value at every character', (t) => {
  const modules = process.env.TAILRACE_OFFICIAL_NODE_MODULES;
  if (!modules) return t.skip('TAILRACE_OFFICIAL_NODE_MODULES does not name a folder with the official package');
  const texts = documents(150);
  const run = execFileSync(process.env.TAILRACE_OFFICIAL_NODE ?? process.execPath, ['-e', ORACLE], {
    input: JSON.stringify(texts),
    cwd: path.dirname(modules),
    env: { ...process.env, NODE_PATH: modules },
    maxBuffer: 1 << 28,
  });
  const official = JSON.parse(run.toString());
  texts.forEach((text, place) => {
    const json = new PartialJson();
    official[place].forEach((value, at) => {
      json.push(text[at]);
      assert.equal(JSON.stringify(json.value()), value, text.slice(0, at + 1));
    });
  });
});
