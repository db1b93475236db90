// A model that uses a browser, beside the official package: tools, arguments, states, policies, outputs, reports and failures.

import { test } from 'node:test';
import { sameAsOfficial, skip } from './beside-official.mjs';

test('uses equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'browser-subject.mjs'));
