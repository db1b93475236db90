/** Part of WebSocket connections: by name and type only. */

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

/** It needs WebSocket connections, which tailrace does not have yet: making one throws an OpenAIError. */
export class TranscriptGrouping {
  constructor(options: Required<TranscriptGrouperOptions>, idPrefix: string);
  constructor(..._values: any[]) {
    throw later('TranscriptGrouping', 'WebSocket connections');
  }
  get speaker(): TranscriptFragment['speaker'] | undefined {
    throw later('TranscriptGrouping.speaker', 'WebSocket connections');
  }
  process(fragments: readonly TranscriptFragment[]): GroupingUpdate[];
  process(): never {
    throw later('TranscriptGrouping.process', 'WebSocket connections');
  }
  advance(timeMs: number, hasIncomingUser?: boolean): GroupingUpdate[];
  advance(): never {
    throw later('TranscriptGrouping.advance', 'WebSocket connections');
  }
  deadline(): number | undefined;
  deadline(): never {
    throw later('TranscriptGrouping.deadline', 'WebSocket connections');
  }
  close(timeMs: number, reason: TranscriptSegmentCloseReason): GroupingUpdate[];
  close(): never {
    throw later('TranscriptGrouping.close', 'WebSocket connections');
  }
}
