/** The grouping of transcripts: by name and type only. */

import { EventEmitter } from '../../core/EventEmitter.js';
import { type ServerEvent } from '../../resources/live/live.js';
import { later } from '../../internal/later.js';

export interface TranscriptGrouperOptions {
  minTurnSeparationMs?: number;
  assistantSilenceMs?: number;
  backchannelMaxDurationMs?: number;
  backchannelIsolationMs?: number;
  additionalAcknowledgments?: readonly string[];
}

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

export interface TranscriptSegmentClosedEvent {
  readonly segment: TranscriptSegment;
  readonly reason: TranscriptSegmentCloseReason;
}

export type TranscriptGrouperEvents = {
  'segment.updated': (segment: TranscriptSegment) => void;
  'segment.closed': (event: TranscriptSegmentClosedEvent) => void;
};

/** tailrace does not have it yet: making one throws an OpenAIError. */
export class TranscriptGrouper extends EventEmitter<TranscriptGrouperEvents> {
  constructor(options?: TranscriptGrouperOptions);
  constructor(...values: any[]) {
    super(...(values as ConstructorParameters<typeof EventEmitter>));
    throw later('TranscriptGrouper', 'the grouping of transcripts');
  }
  push(event: ServerEvent): void;
  push(): never {
    throw later('TranscriptGrouper.push', 'the grouping of transcripts');
  }
  close(): void;
  close(): never {
    throw later('TranscriptGrouper.close', 'the grouping of transcripts');
  }
}
