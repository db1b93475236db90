// Groups generated transcripts with one package, over a clock of its own, and prints what came of them as JSON.
//
// node transcripts-subject.mjs FOLDER EXTENSION

import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const [folder, extension] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(folder, path + extension)).href);
const { TranscriptGrouper } = await load('lib/live/transcript-grouper');
const { TranscriptGrouping } = await load('lib/live/transcript-grouping');
const { TranscriptGrouper: exported } = await load('helpers/live');

const TEXTS = ['Hi', 'yes', 'mhm', ' ye', 'ah', '.', ' more', '', 'foo ', 'mm-', 'hmm', 'x', '½', 'Straße', 'İ']
  .concat('\u0085yeah', '(okay)', 'uh\u2003huh!', 'xyz', 'x y', '\ud83d', '\ude00', '😀', '\u{1d400}', 'ΑΣ');

/** Numbers that are the same in both programs. */
function dice(seed) {
  let state = (seed + 1) * 0x9e3779b9;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return { next, one: (values) => values[Math.floor(next() * values.length)] };
}

function limits({ one }) {
  return {
    minTurnSeparationMs: one([0, 100, 500, 0.1, 50.5]),
    assistantSilenceMs: one([0, 200, 2000, 0.1, 200.5]),
    backchannelMaxDurationMs: one([0, 300, 1000]),
    backchannelIsolationMs: one([0, 100, 2000, 0.3]),
    additionalAcknowledgments: one([[], ['xyz'], ['X-y!', '.']]),
  };
}

/** Segments without the number of their grouper, which counts those of a process. */
function plain(value) {
  return JSON.parse(JSON.stringify(value).replaceAll(/segment_\d+_/g, 'segment_'));
}

function attempt(run) {
  try {
    const value = run();
    return value === undefined ? null : value;
  } catch (error) {
    return { raised: error.constructor.name };
  }
}

/** Time and timers of this program, from here on. */
const clock = { now: 0, timers: [], log: undefined };
const real = { setTimeout: globalThis.setTimeout, performance: performance.now.bind(performance) };
performance.now = () => clock.now;
globalThis.setTimeout = (callback, delay) => {
  const timer = { due: clock.now + delay, callback, unref: () => clock.log?.push('unref') };
  clock.log?.push(['timer', delay]);
  clock.timers.push(timer);
  return timer;
};
globalThis.clearTimeout = (timer) => {
  clock.timers = clock.timers.filter((other) => other !== timer);
};
function wait(milliseconds) {
  const end = clock.now + milliseconds;
  for (let fired = 0; ; fired += 1) {
    const timer = clock.timers.toSorted((one, other) => one.due - other.due)[0];
    if (timer === undefined || timer.due > end) break;
    if (fired > 1000) throw new Error('timers that come to no end');
    clearTimeout(timer);
    clock.now = timer.due;
    timer.callback();
  }
  clock.now = end;
}

function delta(speaker, text, start, end, id) {
  const direction = speaker === 'user' ? 'input' : 'output';
  return { type: `session.${direction}_transcript.delta`, event_id: id, delta: text, start_ms: start, end_ms: end };
}

function generatedGrouping(seed) {
  const { next, one } = dice(seed);
  const grouping = new TranscriptGrouping(limits({ one }), 'part');
  const said = [];
  let time = 0;
  for (let step = 0; step < 25; step += 1) {
    const kind = next();
    if (kind < 0.7) {
      const fragments = [];
      for (let count = one([0, 1, 1, 1, 2, 3]); count > 0; count -= 1) {
        time = Math.max(0, time + one([0, 0, 100, 200, 200, 500, 2500, -200]));
        const endMs = time + one([0, 100, 200, 999, 1000]);
        fragments.push({ speaker: one(['user', 'assistant']), text: one(TEXTS), startMs: time, endMs });
      }
      said.push(fragments, grouping.process(fragments));
    } else if (kind < 0.9) {
      said.push(grouping.advance(time + one([0, 49.9, 100, 500, 1000, 3000]), one([true, false, undefined])));
    } else {
      said.push(grouping.close(time + one([0, 500, 3000]), one(['manual', 'timestamp_reset', 'inactivity'])));
    }
    said.push([grouping.speaker ?? 'nobody', grouping.deadline() ?? 'never']);
  }
  return said;
}

function generatedSession(seed) {
  const { next, one } = dice(seed);
  Object.assign(clock, { now: 0, timers: [], log: [] });
  const grouper = new TranscriptGrouper(limits({ one }));
  grouper.on('segment.updated', (segment) => clock.log.push(plain(segment)));
  grouper.on('segment.closed', (event) => clock.log.push(plain(event)));
  let time = 0;
  let speaker = 'user';
  for (let step = 0; step < 25; step += 1) {
    const kind = next();
    if (kind < 0.6) {
      speaker = one([speaker, 'user', 'assistant']);
      time = Math.max(0, time + one([0, 0, 0, 100, 200, 200, 200, 500, 700, 2500, -100, -1000]));
      const id = `event ${next() < 0.07 ? step - 1 : step}`;
      const event = delta(speaker, one(TEXTS), time, time + one([0, 100, 200, 200, 999, 1000]), id);
      clock.log.push(event, attempt(() => grouper.push(event)));
    } else if (kind < 0.87) {
      clock.log.push('wait');
      wait(one([0.5, 1, 10, 17.25, 25, 49, 50, 51, 100, 199, 200, 500, 1000, 3000]));
    } else if (kind < 0.95) {
      clock.now += one([10, 60, 500, 3000]);
    } else {
      const type = one(['session.closed', 'session.updated']);
      clock.log.push(type, attempt(() => (next() < 0.5 ? grouper.close() : grouper.push({ type }))));
    }
  }
  grouper.close();
  grouper.close();
  return [...clock.log, clock.timers.length];
}

/** What a grouper says to steps, with listeners of its own. */
function told(steps) {
  Object.assign(clock, { now: 0, timers: [], log: undefined });
  const grouper = new TranscriptGrouper();
  const log = [];
  steps(grouper, log);
  return plain(log);
}

const first = delta('user', 'a', 0, 100, '1');
const second = delta('user', 'b', 100, 200, '2');
const third = delta('user', 'c', 200, 300, '3');

const scenarios = {
  'groupings of generated fragments': () => Array.from({ length: 800 }, (_, seed) => generatedGrouping(seed)),
  'groupers of generated sessions': () => Array.from({ length: 800 }, (_, seed) => generatedSession(seed)),
  'limits': () =>
    [-1, NaN, Infinity, 2 ** 31, '1', true, 10n, 0, 1.5, -0, 2 ** 31 - 1, null, undefined].flatMap((value) =>
      ['minTurnSeparationMs', 'assistantSilenceMs', 'backchannelMaxDurationMs', 'backchannelIsolationMs'].map((name) =>
        attempt(() => void new TranscriptGrouper({ [name]: value })),
      ),
    ),
  'acknowledgments': () =>
    ['yes', [1], [null], {}, 5, null, ['a'], new Set(['a'])].map((value) =>
      attempt(() => void new TranscriptGrouper({ additionalAcknowledgments: value })),
    ),
  'events that are none': () =>
    told((grouper, log) => {
      grouper.on('segment.closed', (event) => log.push(event));
      for (const event of [null, undefined, 5, {}, { type: 'x' }]) log.push(attempt(() => grouper.push(event)));
      const bad = { event_id: ['', 5], delta: [5, null], start_ms: [-1, 0.5, NaN, '0', true, 101, 2 ** 53], end_ms: [-1, '9'] };
      for (const [name, values] of Object.entries(bad)) {
        for (const value of values) log.push([name, attempt(() => grouper.push({ ...first, [name]: value }))]);
      }
      log.push(attempt(() => grouper.push({ ...first, end_ms: 2 ** 53 - 1 })));
      grouper.close();
      log.push(attempt(() => grouper.push({ type: 'x' })), attempt(() => grouper.close()));
    }),
  'listeners that push, close and leave': () =>
    told((grouper, log) => {
      const leaving = () => log.push('leaving');
      log.push(grouper.on('segment.updated', leaving) === grouper, grouper.once('segment.updated', leaving) === grouper);
      grouper.once('segment.updated', (segment) => {
        log.push(segment);
        log.push(grouper.off('segment.updated', leaving) === grouper);
        grouper.on('segment.updated', (later) => log.push(['later', later.text]));
        grouper.push(third);
        grouper.close();
      });
      grouper.on('segment.closed', (event) => log.push(event));
      grouper.push(first);
      grouper.push(second);
    }),
  'listeners that throw': () =>
    told((grouper, log) => {
      for (const wrong of [RangeError, TypeError]) {
        grouper.once('segment.updated', () => {
          log.push(wrong.name);
          throw new wrong('on purpose');
        });
      }
      grouper.on('segment.updated', (segment) => log.push(segment.text));
      grouper.on('segment.closed', (event) => log.push(event));
      grouper.push(first);
      log.push(attempt(() => grouper.push(second)), attempt(() => grouper.push(third)), attempt(() => grouper.close()));
    }),
  'what is frozen': () =>
    told((grouper, log) => {
      grouper.on('segment.updated', (segment) => log.push(Object.isFrozen(segment)));
      grouper.on('segment.closed', (event) => log.push(Object.isFrozen(event), Object.isFrozen(event.segment)));
      grouper.push(first);
      grouper.close();
    }),
  'names': () => [exported === TranscriptGrouper, TranscriptGrouper.name, TranscriptGrouping.name, TranscriptGrouper.length],
};

const found = {};
for (const [name, scenario] of Object.entries(scenarios)) found[name] = scenario();
performance.now = real.performance;
globalThis.setTimeout = real.setTimeout;
console.log(JSON.stringify(found));
