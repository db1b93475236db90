// Sessions of agents beside the official package: events, calls, outputs, results, requests, files and failures.

import { test } from 'node:test';
import { sameAsOfficial, skip } from './beside-official.mjs';

test('turns equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'agent-sessions-subject.mjs'));

test('results equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'agent-results-subject.mjs'));

test('functions and formats equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'agent-tools-subject.mjs'));

test('files equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'agent-files-subject.mjs'));
