// The tool runner of the Responses API beside the official package: requests, calls, turns, reports and failures.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponsesToolRunner } from '../../node/dist/esm/helpers/responses-tool-runner.js';
import { sameAsOfficial, skip } from './beside-official.mjs';

test('runs equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'responses-runner-subject.mjs'));

test('early calls equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'eager-runner-subject.mjs'));

test('runs with a budget equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'budget-runner-subject.mjs'));

test('runs with a computer equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'computer-runner-subject.mjs'));

test('runs that are saved equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'ledger-runner-subject.mjs'));

test('what the runner does not have yet is refused before anything is sent', () => {
  const refused = { name: 'Error', message: /which this release of tailrace does not have/ };
  assert.throws(() => new ResponsesToolRunner({ browser: {} }), refused);
});
