/** What native code hands over at once. Its form is described in `crates/tailrace-node/src/batch.rs`. */

import { Pattern } from './pattern.js';

/** The id, whether the stream had nothing more, the number of elements, and by turns kinds and how many of them follow. */
type Segment = number[];

/** What one call or stream got. */
export interface Share {
  id: number;
  /** The place of its first element in the batch. */
  first: number;
  /** Whether there was nothing more at the time. */
  isDrained: boolean;
  /** Kinds of events and how many of them follow each other, by turns. */
  runs: number[];
  /** Values, or the JSON texts of values when one of the batch is no JSON. */
  items: unknown[];
  isText: boolean;
}

/** The shares of a batch. One of a call, or of a stream that has to be asked, is only its id. */
export function shares(batch: string): (Share | number)[] {
  let items: unknown[] | undefined;
  try {
    items = JSON.parse(batch) as unknown[];
  } catch {
    // Whoever reads the share finds out which event it was.
  }
  let segments = items?.pop() as Segment[] | undefined;
  // Events that are no JSON by themselves can be JSON together, but hardly as many of it.
  const isText = items === undefined || segments === undefined || items.length !== elements(segments);
  if (isText) {
    items = texts(batch);
    segments = JSON.parse(items.pop() as string) as Segment[];
  }
  return divided(segments as Segment[], items as unknown[], isText);
}

/** The elements of a batch as they came, and the segments behind them. */
export function texts(batch: string): string[] {
  return batch.slice(1, -1).split('\r,');
}

function elements(segments: Segment[]): number {
  let count = 0;
  for (const segment of segments) count += segment[2] ?? 0;
  return count;
}

function divided(segments: Segment[], items: unknown[], isText: boolean): (Share | number)[] {
  let at = 0;
  return segments.map((segment) => {
    const [id = 0, drained, count = 0] = segment;
    if (drained === undefined) return id;
    const isAll = count === items.length;
    // A consumer that is behind must not hold what others got.
    const own = isAll ? items : items.slice(at, at + count);
    const first = at;
    at += count;
    return { id, first, isDrained: drained === 1, runs: segment.slice(3), items: own, isText };
  });
}

const NOTHING: never[] = [];

/** The events of one stream, out of its shares. */
export class Events {
  readonly #parse: (text: string) => unknown;
  readonly #patterns: Pattern[] = [];
  #items: unknown[] = NOTHING;
  #at = 0;
  #runs: number[] = NOTHING;
  #next = 0;
  #left = 0;
  #pattern: Pattern | undefined;
  #isText = false;

  /** @param parse - Gives the value of one JSON text, and throws when it is none. */
  constructor(parse: (text: string) => unknown) {
    this.#parse = parse;
  }

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#left === 0;
  }

  /** Whether {@link Events.take} may throw. */
  get isText(): boolean {
    return this.#isText;
  }

  /** Takes a share in; the one before must be used up. */
  load(share: Share): void {
    this.#items = share.items;
    this.#runs = share.runs;
    this.#isText = share.isText;
    this.#at = 0;
    this.#next = 0;
    this.#advance();
  }

  /** Drops what is there. */
  clear(): void {
    this.#items = NOTHING;
    this.#runs = NOTHING;
    this.#left = 0;
    this.#isText = false;
  }

  /** The next event; there must be one. */
  take(): unknown {
    const at = this.#at;
    const pattern = this.#pattern;
    let value: unknown;
    if (pattern === undefined) {
      this.#at = at + 1;
      value = this.#isText ? this.#parse(this.#items[at] as string) : this.#items[at];
    } else {
      this.#at = at + pattern.gaps;
      value = this.#isText ? this.#fromTexts(pattern, at) : pattern.build(this.#items, at);
    }
    if (--this.#left === 0) this.#advance();
    return value;
  }

  #fromTexts(pattern: Pattern, at: number): unknown {
    const texts = this.#items.slice(at, at + pattern.gaps) as string[];
    return pattern.build(texts.map((text) => JSON.parse(text)), 0);
  }

  /** Goes on to the next run that has events. */
  #advance(): void {
    while (this.#next < this.#runs.length) {
      const kind = this.#runs[this.#next] as number;
      const run = this.#runs[this.#next + 1] as number;
      this.#next += 2;
      if (kind >= 0) {
        this.#pattern = kind === 0 ? undefined : this.#patterns[kind - 1];
        this.#left = run;
        return;
      }
      const definition = this.#items[this.#at++];
      this.#patterns[-kind - 1] = new Pattern(
        (this.#isText ? JSON.parse(definition as string) : definition) as unknown[],
      );
    }
    // What was taken must not be held.
    this.clear();
  }
}
