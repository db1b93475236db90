/** What of a structured answer is there before all of it is: the object so far, and elements that are whole. */

import { GrowingJson, JsonElements, pathOf } from './partial-json.js';

/** Takes an iterator's values, and gives what ends that. */
type Attach<T> = (push: (value: T) => void) => () => void;

/** How a stream makes an iterator that ends with it. */
type MakeIterator = <T>(attach: Attach<T>) => AsyncIterableIterator<T>;

/**
 * The text of an answer for those who look at it as JSON.
 *
 * A piece costs as much as it is long, for each of those who look; nobody looking, nothing is parsed.
 */
export class StructuredView {
  #text = '';
  #growing: GrowingJson | undefined;
  readonly #watchers = new Set<(piece: string, hasChanged: boolean) => void>();

  /** Adds a piece of the answer. */
  push(piece: string): void {
    this.#text += piece;
    const hasChanged = this.#growing?.push(piece) ?? false;
    for (const watch of this.#watchers) watch(piece, hasChanged);
  }

  /** Begins anew, with another answer. */
  restart(): void {
    if (this.#text === '') return;
    this.#text = '';
    if (this.#growing !== undefined) this.#growing = new GrowingJson();
    for (const watch of this.#watchers) watch('', true);
  }

  /** What there is of the answer. */
  get text(): string {
    return this.#text;
  }

  /** The value so far, which grows in place; `undefined` before anything of it came. */
  get value(): unknown {
    if (this.#growing === undefined) {
      this.#growing = new GrowingJson();
      this.#growing.push(this.#text);
    }
    return this.#growing.value;
  }

  /** The value after each piece that changed it; who reads slowly gets it as it is by then. */
  async *values(make: MakeIterator): AsyncGenerator<unknown> {
    let isTold = false;
    const changes = make<true>((push) =>
      this.#watch((_, hasChanged) => {
        if (!hasChanged || isTold) return;
        isTold = true;
        push(true);
      }),
    );
    const first: unknown = this.value;
    if (first !== undefined) yield first;
    for await (const _ of changes) {
      isTold = false;
      const { value } = this;
      if (value !== undefined) yield value;
    }
  }

  /** The elements of the array at `path`, each as soon as it is whole. */
  elements(path: string, make: MakeIterator): AsyncIterableIterator<unknown> {
    const steps = pathOf(path);
    return make<unknown>((push) => {
      let elements = new JsonElements(steps);
      let isReadable = true;
      const read = (piece: string) => {
        if (!isReadable) return;
        try {
          for (const text of elements.push(piece)) push(JSON.parse(text));
        } catch {
          // What is no JSON has no more elements; that it is none is told by the stream.
          isReadable = false;
        }
      };
      read(this.#text);
      return this.#watch((piece) => {
        if (piece !== '') return read(piece);
        elements = new JsonElements(steps);
        isReadable = true;
      });
    });
  }

  #watch(watch: (piece: string, hasChanged: boolean) => void): () => void {
    this.#watchers.add(watch);
    return () => this.#watchers.delete(watch);
  }
}
