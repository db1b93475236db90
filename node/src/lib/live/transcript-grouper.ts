/** Transcripts of Live sessions as segments that a program can show. */

import { OpenAIError } from '../../error.js';
import { EventEmitter } from '../../core/EventEmitter.js';
import { type InputTranscriptDeltaEvent, type ServerEvent } from '../../resources/live/live.js';
import { addon, type Transcript, type TranscriptTurn } from '../../internal/native.cjs';
import { type GroupingUpdate, groupingUpdates, nativeRules } from './transcript-grouping.js';

/** Limits in milliseconds. */
export interface TranscriptGrouperOptions {
  /** An answer begins so long after the user's words; 500 without. */
  minTurnSeparationMs?: number;
  /** The assistant's segment closes after so long a silence; 2,000 without. */
  assistantSilenceMs?: number;
  /** An acknowledgment is shorter than this; 1,000 without. 0 leaves nothing out. */
  backchannelMaxDurationMs?: number;
  /** Nothing of the assistant is so near to an acknowledgment; 2,000 without. */
  backchannelIsolationMs?: number;
  /** Acknowledgments beside the known ones. */
  additionalAcknowledgments?: readonly string[];
}

/** What one speaker said without a break, as far as it is known; its times are milliseconds of the session. */
export interface TranscriptSegment {
  readonly id: string;
  readonly previousId: string | null;
  readonly speaker: 'user' | 'assistant';
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

export type TranscriptSegmentCloseReason =
  'speaker_change' | 'inactivity' | 'timestamp_reset' | 'session_closed' | 'manual';

/** The last form of a segment, and why nothing is added to it. */
export interface TranscriptSegmentClosedEvent {
  readonly segment: TranscriptSegment;
  readonly reason: TranscriptSegmentCloseReason;
}

export type TranscriptGrouperEvents = {
  'segment.updated': (segment: TranscriptSegment) => void;
  'segment.closed': (event: TranscriptSegmentClosedEvent) => void;
};

const MOST_MS = 2 ** 31 - 1;
const DEFAULTS = {
  minTurnSeparationMs: 500,
  assistantSilenceMs: 2000,
  backchannelMaxDurationMs: 1000,
  backchannelIsolationMs: 2000,
};
const SPEAKERS = new Map([
  ['session.input_transcript.delta', true],
  ['session.output_transcript.delta', false],
]);

let groupers = 0;

/**
 * Groups the transcript events of one Live session into segments to show: `segment.updated` has all of a segment's text each
 * time, `segment.closed` comes once.
 *
 * A new speaker's words wait up to 50 ms. The assistant's segment closes after a silence. An acknowledgment such as "mhm" is
 * left out where the user talks on, or nothing comes near it. A grouper belongs to one session and never touches its
 * connection; its timer keeps no program alive.
 */
export class TranscriptGrouper extends EventEmitter<TranscriptGrouperEvents> {
  readonly #transcript: Transcript;
  readonly #idPrefix = `segment_${groupers++}`;
  readonly #seen = new Set<string>();
  readonly #updates: GroupingUpdate[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  #isDispatching = false;

  /** @throws {OpenAIError} A limit is no number from 0 to 2,147,483,647. */
  constructor(options: TranscriptGrouperOptions = {}) {
    super();
    this.#transcript = new (addon().Transcript)(...nativeRules(checked(options)));
  }

  /**
   * Takes an event of the session; those of other kinds, and what came before, change nothing.
   *
   * @throws {OpenAIError} A transcript has no text, id or times, or the grouper is closed.
   */
  push(event: ServerEvent): void {
    if (this.#isClosed) {
      throw new OpenAIError('`push` was called after closing the transcript grouper; make one for each session.');
    }
    if (event.type === 'session.closed') {
      this.#finish('session_closed');
      return;
    }
    const isUser = SPEAKERS.get(event.type);
    if (isUser === undefined) {
      return;
    }
    const { event_id: id, delta: text, start_ms: start, end_ms: end } = event as InputTranscriptDeltaEvent;
    const isText = typeof id === 'string' && id !== '' && typeof text === 'string';
    if (!(isText && isTime(start) && isTime(end) && start <= end)) {
      const needs = 'a text, an `event_id`, and `start_ms` and `end_ms` in order, whole and below 2 ** 53';
      throw new OpenAIError(`Invalid Live transcript delta: it needs ${needs}.`);
    }
    if (this.#seen.has(id)) {
      return;
    }
    this.#seen.add(id);
    if (text !== '') {
      this.#tell(this.#transcript.push({ isUser, text, start, end }, performance.now()));
    }
  }

  /** Closes what is open; the connection stays as it is. */
  close(): void {
    if (!this.#isClosed) {
      this.#finish('manual');
    }
  }

  #finish(reason: TranscriptSegmentCloseReason): void {
    this.#isClosed = true;
    this.#tell(this.#transcript.finish(reason, performance.now()));
  }

  #tell(turns: TranscriptTurn[]): void {
    this.#updates.push(...groupingUpdates(turns, this.#idPrefix));
    clearTimeout(this.#timer);
    const delay = this.#transcript.delay(performance.now());
    this.#timer = delay === null ? undefined : setTimeout(() => this.#tick(), delay);
    // Other environments give a number.
    (this.#timer as { unref?: () => void } | undefined)?.unref?.();
    this.#dispatch();
  }

  #tick(): void {
    this.#tell(this.#transcript.tick(performance.now()));
  }

  #dispatch(): void {
    // A listener that pushes or closes is followed by what it caused.
    if (this.#isDispatching) {
      return;
    }
    this.#isDispatching = true;
    try {
      for (let update = this.#updates.shift(); update !== undefined; update = this.#updates.shift()) {
        if (update.type === 'updated') {
          this._emit('segment.updated', update.segment);
        } else {
          this._emit('segment.closed', { segment: update.segment, reason: update.reason });
        }
      }
    } finally {
      this.#isDispatching = false;
    }
  }
}

/** Options with what they leave out. */
function checked(options: TranscriptGrouperOptions): Required<TranscriptGrouperOptions> {
  const limits = { ...DEFAULTS };
  for (const name of Object.keys(limits) as (keyof typeof limits)[]) {
    const value: unknown = options[name] ?? limits[name];
    if (typeof value !== 'number' || !(value >= 0 && value <= MOST_MS)) {
      throw new OpenAIError(`\`${name}\` must be a finite number of milliseconds from 0 to ${MOST_MS}.`);
    }
    limits[name] = value;
  }
  const additionalAcknowledgments: unknown = options.additionalAcknowledgments ?? [];
  if (!isTexts(additionalAcknowledgments)) {
    throw new TypeError('`additionalAcknowledgments` must be an array of texts.');
  }
  return { ...limits, additionalAcknowledgments };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
