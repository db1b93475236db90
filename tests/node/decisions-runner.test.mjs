// The tool runner of decisions beside the official package: requests, actions, reports, results and failures.

import { test } from 'node:test';
import { sameAsOfficial, skip } from './beside-official.mjs';

test('runs equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'decisions-runner-subject.mjs'));
