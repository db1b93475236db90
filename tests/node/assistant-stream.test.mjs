// The streams of assistants beside the official package: events, snapshots, results, requests and failures.

import { test } from 'node:test';
import { sameAsOfficial, skip } from './beside-official.mjs';

test('streams equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'assistant-stream-subject.mjs'));
