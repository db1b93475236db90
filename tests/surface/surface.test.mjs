// All that the declarations of the official npm package offer is in ours, but for what `node.json` names with a reason.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { compare } from './surface.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const exceptions = JSON.parse(fs.readFileSync(path.join(here, 'node.json'), 'utf8'));
// The folder of npm modules that holds the compiler and the official package, which the test command makes.
const modulesFolder = process.env.TAILRACE_OFFICIAL_NODE_MODULES;
const skip = modulesFolder ? false : 'needs the folder that TAILRACE_OFFICIAL_NODE_MODULES names';

/** A pattern in which `*` stands for anything. */
function matcher(pattern) {
  const text = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*');
  return new RegExp(`^${text}$`);
}

test('the surface', { skip }, async (t) => {
  const { differences, compared } = compare(path.resolve(modulesFolder));
  const patterns = exceptions.flatMap(({ places }) => places);

  await t.test('enough is compared', () => assert.ok(compared > 2_000, `only ${compared} names are compared`));

  await t.test('nothing is missing or different', () => {
    const known = patterns.map(matcher);
    const found = differences.filter(({ place }) => !known.some((pattern) => pattern.test(place)));
    const lines = found.slice(0, 60).map(({ place, what }) => `${place}: ${what}`);
    assert.ok(!found.length, [`${found.length} differences; all of them: node tests/surface/surface.mjs`, ...lines].join('\n'));
  });

  await t.test('every exception is still needed', () => {
    const unneeded = patterns.filter((pattern) => !differences.some(({ place }) => matcher(pattern).test(place)));
    assert.deepEqual(unneeded, []);
  });
});
