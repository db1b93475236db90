// A model that uses a computer, beside the official package: actions, approvals, screenshots, requests, reports and failures.

import { test } from 'node:test';
import { sameAsOfficial, skip } from './beside-official.mjs';

test('uses equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'computer-subject.mjs'));
