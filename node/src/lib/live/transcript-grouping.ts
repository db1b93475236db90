/** The grouping of transcripts: by name and type only. */

import {
  type TranscriptGrouperOptions,
  type TranscriptSegment,
  type TranscriptSegmentCloseReason,
} from './transcript-grouper.js';
import { later } from '../../internal/later.js';

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

/** tailrace does not have it yet: making one throws an OpenAIError. */
export class TranscriptGrouping {
  constructor(options: Required<TranscriptGrouperOptions>, idPrefix: string);
  constructor(..._values: any[]) {
    throw later('TranscriptGrouping', 'the grouping of transcripts');
  }
  get speaker(): TranscriptFragment['speaker'] | undefined {
    throw later('TranscriptGrouping.speaker', 'the grouping of transcripts');
  }
  process(fragments: readonly TranscriptFragment[]): GroupingUpdate[];
  process(): never {
    throw later('TranscriptGrouping.process', 'the grouping of transcripts');
  }
  advance(timeMs: number, hasIncomingUser?: boolean): GroupingUpdate[];
  advance(): never {
    throw later('TranscriptGrouping.advance', 'the grouping of transcripts');
  }
  deadline(): number | undefined;
  deadline(): never {
    throw later('TranscriptGrouping.deadline', 'the grouping of transcripts');
  }
  close(timeMs: number, reason: TranscriptSegmentCloseReason): GroupingUpdate[];
  close(): never {
    throw later('TranscriptGrouping.close', 'the grouping of transcripts');
  }
}
