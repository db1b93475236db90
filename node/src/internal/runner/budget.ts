/** How much a run sends with each request; what it leaves out stays in its history. */

import type { ResponsesContextBudget } from '../../helpers/responses-tool-runner.js';
import type { ResponseCreateParamsNonStreaming, ResponseInputItem } from '../../resources/responses/responses.js';
import { detached } from '../detached.js';
import { knownFields } from './fields.js';
import { doneCalls, type DoneCall } from './history.js';
import { RunnerStop } from './stop.js';

/** Screenshots that are not left out, unless the caller says otherwise; the number is that of the official package. */
const RECENT_SCREENSHOTS = 1;

const REFUSED = 'Context budget requires valid local bounds and no automatic compaction.';

interface Size {
  bytes: number;
  images: number;
}

export class ContextBudget {
  readonly #budget: ResponsesContextBudget;

  /** @throws {TypeError} A bound is none, or the server would leave things out by itself. */
  constructor(budget: ResponsesContextBudget, { truncation, context_management }: ResponseCreateParamsNonStreaming) {
    const fields = knownFields(budget, ['maxInputBytes', 'maxInputImages', 'keepRecentScreenshots', 'compact']);
    const { maxInputBytes, maxInputImages, keepRecentScreenshots = RECENT_SCREENSHOTS, compact } = fields;
    const isBounded = isAtLeast(1, maxInputBytes) && isAtLeast(0, maxInputImages) && isAtLeast(1, keepRecentScreenshots);
    const isAutomatic = truncation === 'auto' || (context_management?.length ?? 0) > 0;
    if (!isBounded || isAutomatic || (compact !== undefined && typeof compact !== 'function')) throw new TypeError(REFUSED);
    this.#budget = { ...budget };
  }

  /**
   * What is sent of a history.
   *
   * @throws {RunnerStop} It is too large, also without what the caller leaves out.
   * @throws {TypeError} The history holds what cannot be looked at, or the caller's choice is none.
   */
  async input(history: ResponseInputItem[]): Promise<ResponseInputItem[]> {
    const { compact } = this.#budget;
    const calls = doneCalls(history);
    const { bytes, images } = sizeOf(history);
    if (this.#holds({ bytes, images })) return history;
    if (compact === undefined) throw new RunnerStop('Responses input exceeds the context budget.');
    const eligible = this.#eligible(calls);
    const choice: unknown = await compact({
      history: detached(history),
      eligibleCallIds: [...eligible],
      inputBytes: bytes,
      inputImages: images,
    });
    const input = shortened(history, calls, choice, eligible);
    if (!this.#holds(sizeOf(input))) throw new RunnerStop('Responses input still exceeds the context budget.');
    return input;
  }

  #holds({ bytes, images }: Size): boolean {
    return bytes <= this.#budget.maxInputBytes && images <= this.#budget.maxInputImages;
  }

  /** The calls that may be left out: all but those of the newest screenshots. */
  #eligible(calls: DoneCall[]): ReadonlySet<string> {
    const screenshots = calls.filter(({ kind }) => kind === 'computer_call').map(({ id }) => id);
    const kept = new Set(screenshots.slice(-(this.#budget.keepRecentScreenshots ?? RECENT_SCREENSHOTS)));
    return new Set(calls.map(({ id }) => id).filter((id) => !kept.has(id)));
  }
}

function isAtLeast(least: number, value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

/** A history in which the calls that were chosen are one sentence each. */
function shortened(
  history: ResponseInputItem[],
  calls: DoneCall[],
  choice: unknown,
  eligible: ReadonlySet<string>,
): ResponseInputItem[] {
  const fields = knownFields(choice, ['dropCallIds', 'summary']);
  const { dropCallIds, summary } = fields;
  if (!Array.isArray(dropCallIds)) throw new TypeError('dropCallIds must be a list.');
  const dropped = new Set<unknown>(dropCallIds);
  const isKnown = [...dropped].every((id) => typeof id === 'string' && eligible.has(id));
  if (dropped.size !== dropCallIds.length || !isKnown) throw new TypeError('dropCallIds must be eligible and unique.');
  if ('summary' in fields && typeof summary !== 'string') throw new TypeError('summary must be text.');
  const chosen = calls.filter(({ id }) => dropped.has(id));
  const gone = new Set(chosen.map(({ place }) => place));
  const receipts = new Map(chosen.map((call) => [call.outputPlace, receipt(call)]));
  const input = history.flatMap((item, place) => (gone.has(place) ? [] : [receipts.get(place) ?? item]));
  if (typeof summary !== 'string') return input;
  return [{ role: 'user', content: `Caller summary of omitted completed tool results: ${summary}` }, ...input];
}

/** What the model reads in place of a call; the sentence is that of the official package. */
function receipt({ id, kind, name }: DoneCall): ResponseInputItem {
  const told = JSON.stringify({ call_id: id, kind, name });
  const content = `Runner receipt: ${told}. Output is present in the runner's full history; external success is unverified.`;
  return { role: 'user', content };
}

function sizeOf(input: ResponseInputItem[]): Size {
  return { bytes: Buffer.byteLength(JSON.stringify(input)), images: imagesIn(input) };
}

function imagesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const { type } = value as { type?: unknown };
  const own = type === 'input_image' || type === 'computer_screenshot' ? 1 : 0;
  return Object.values(value).reduce((sum: number, each) => sum + imagesIn(each), own);
}
