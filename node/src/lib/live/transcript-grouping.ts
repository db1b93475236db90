/** Whose turn it is, judged by the times of a session alone. The rules are in Rust. */

import { addon, type TranscriptTurn, type Turns } from '../../internal/native.cjs';
import {
  type TranscriptGrouperOptions,
  type TranscriptSegment,
  type TranscriptSegmentCloseReason,
} from './transcript-grouper.js';

/** One piece of a transcript, in milliseconds of the session. */
export interface TranscriptFragment {
  speaker: 'user' | 'assistant';
  text: string;
  startMs: number;
  endMs: number;
}

export type GroupingUpdate =
  | {
      type: 'updated';
      segment: TranscriptSegment;
    }
  | {
      type: 'closed';
      segment: TranscriptSegment;
      reason: TranscriptSegmentCloseReason;
    };

/** The turns that are open, without a clock, a timer or a listener. */
export class TranscriptGrouping {
  readonly #turns: Turns;
  readonly #idPrefix: string;

  constructor(options: Required<TranscriptGrouperOptions>, idPrefix: string) {
    this.#turns = new (addon().Turns)(...nativeRules(options));
    this.#idPrefix = idPrefix;
  }

  /** Who has the turn. */
  get speaker(): TranscriptFragment['speaker'] | undefined {
    const isUser = this.#turns.isUser();
    return isUser === null ? undefined : speaker(isUser);
  }

  /** Takes fragments of one moment; those of the speaker who has the turn go first, or else the user's. */
  process(fragments: readonly TranscriptFragment[]): GroupingUpdate[] {
    const pieces = fragments.map(({ speaker, text, startMs: start, endMs: end }) => {
      return { isUser: speaker === 'user', text, start, end };
    });
    return groupingUpdates(this.#turns.process(pieces), this.#idPrefix);
  }

  /** Closes or begins what is due at a time of the session; silence ends no turn that the user is about to end. */
  advance(timeMs: number, hasIncomingUser: boolean = false): GroupingUpdate[] {
    return groupingUpdates(this.#turns.advance(timeMs, hasIncomingUser), this.#idPrefix);
  }

  /** The time of the session at which something is due if nobody says more. */
  deadline(): number | undefined {
    return this.#turns.deadline() ?? undefined;
  }

  /** Closes everything at a time of the session. */
  close(timeMs: number, reason: TranscriptSegmentCloseReason): GroupingUpdate[] {
    return groupingUpdates(this.#turns.close(timeMs, reason), this.#idPrefix);
  }
}

/** Limits in the order in which the addon takes them, and acknowledgments. */
export function nativeRules(options: Required<TranscriptGrouperOptions>): [number[], string[]] {
  const { minTurnSeparationMs, assistantSilenceMs, backchannelMaxDurationMs, backchannelIsolationMs } = options;
  const limits = [minTurnSeparationMs, assistantSilenceMs, backchannelMaxDurationMs, backchannelIsolationMs];
  return [limits, [...options.additionalAcknowledgments]];
}

/** What the addon tells, with the names of the package. */
export function groupingUpdates(turns: TranscriptTurn[], idPrefix: string): GroupingUpdate[] {
  return turns.map(({ id, previous, isUser, text, start, end, reason }) => {
    const segment: TranscriptSegment = Object.freeze({
      id: `${idPrefix}_${id}`,
      previousId: previous === null ? null : `${idPrefix}_${previous}`,
      speaker: speaker(isUser),
      text,
      startMs: start,
      endMs: end,
    });
    return reason === undefined ? { type: 'updated', segment } : { type: 'closed', segment, reason };
  });
}

function speaker(isUser: boolean): TranscriptFragment['speaker'] {
  return isUser ? 'user' : 'assistant';
}
