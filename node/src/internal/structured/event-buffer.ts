/** Events on their way from who tells them to who iterates over them. */

/** How many events wait; the number is that of the official package. */
const MOST_EVENTS = 4096;
/** How many bytes wait, a character counting as two; the number is that of the official package. */
const MOST_BYTES = 8_388_608;

type Reader<T> = { resolve: (result: IteratorResult<T>) => void; reject: (error: Error) => void };

/** An iterator over what is pushed, in order; a failure comes after what was pushed before it. */
export class EventBuffer<T> implements AsyncIterableIterator<T> {
  /** What an error says about a reader that is too far behind. */
  static readonly FULL = `Event stream iterator buffer limit exceeded (${MOST_EVENTS} events or ${MOST_BYTES} bytes); consume events as they arrive.`;

  #left: () => void;
  #waiting: { value: T; size: number }[] = [];
  #first = 0;
  #bytes = 0;
  readonly #readers: Reader<T>[] = [];
  #isEnded = false;
  #failure: Error | undefined;

  /** @param left - Called once, when the reader leaves early. */
  constructor(left: () => void) {
    this.#left = left;
  }

  /** An iterator that has nothing but a failure to tell. */
  static ended<T>(failure: Error | undefined): EventBuffer<T> {
    const buffer = new EventBuffer<T>(() => {});
    buffer.end(failure);
    return buffer;
  }

  /** Hands a value to the reader; `false` when too much waits already. */
  push(value: T): boolean {
    if (this.#isEnded) return true;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.resolve({ value, done: false });
      return true;
    }
    const size = sizeOf(value, MOST_BYTES - this.#bytes);
    if (this.#waiting.length - this.#first >= MOST_EVENTS || this.#bytes + size > MOST_BYTES) return false;
    this.#bytes += size;
    this.#waiting.push({ value, size });
    return true;
  }

  /** Nothing more comes. */
  end(failure?: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const readers = this.#readers.splice(0);
    if (failure === undefined) this.#failure = undefined;
    else if (readers.length > 0) readers.shift()?.reject(failure);
    else this.#failure = failure;
    for (const reader of readers) reader.resolve({ value: undefined, done: true });
  }

  next(): Promise<IteratorResult<T>> {
    const item = this.#waiting[this.#first];
    if (item !== undefined) {
      this.#first += 1;
      this.#bytes -= item.size;
      // What was read is dropped in large pieces, so that a long queue costs no more than a short one.
      if (this.#first === this.#waiting.length || this.#first >= MOST_EVENTS) {
        this.#waiting = this.#waiting.slice(this.#first);
        this.#first = 0;
      }
      return Promise.resolve({ value: item.value, done: false });
    }
    if (this.#failure !== undefined) {
      const failure = this.#failure;
      this.#failure = undefined;
      return Promise.reject(failure);
    }
    if (this.#isEnded) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<T>> {
    this.end();
    this.#waiting = [];
    this.#first = 0;
    this.#failure = undefined;
    this.#left();
    this.#left = () => {};
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** About how many bytes a value holds; counting stops at `limit`. What a getter would make is not made for this. */
function sizeOf(value: unknown, limit: number): number {
  let size = 0;
  const open: unknown[] = [value];
  while (open.length > 0 && size <= limit) {
    const each = open.pop();
    if (typeof each === 'string') size += each.length * 2;
    else if (typeof each !== 'object' || each === null) size += 8;
    else {
      size += 16;
      for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(each))) {
        size += name.length * 2;
        if ('value' in member) open.push(member.value);
      }
    }
  }
  return size;
}
