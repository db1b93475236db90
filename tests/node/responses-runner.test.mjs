// The tool runner of the Responses API beside the official package: requests, calls, turns, reports and failures.

import { test } from 'node:test';
import { sameAsOfficial, skip } from './beside-official.mjs';

test('runs equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'responses-runner-subject.mjs'));

test('early calls equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'eager-runner-subject.mjs'));

test('runs with a budget equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'budget-runner-subject.mjs'));

test('runs with a computer equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'computer-runner-subject.mjs'));

test('runs that are saved equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'ledger-runner-subject.mjs'));

test('runs with a browser equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'browser-runner-subject.mjs'));
