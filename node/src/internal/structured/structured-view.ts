/** What of a structured answer is there before all of it is: the object so far, and elements that are whole. */

import { GrowingJson, JsonElements, pathOf } from './partial-json.js';
import type { DeepPartial, ElementAt } from './partial-types.js';

/** Takes an iterator's values, and gives what ends that. */
type Attach<T> = (push: (value: T) => void) => () => void;

/** How a stream makes an iterator that ends with it. */
type MakeIterator = <T>(attach: Attach<T>) => AsyncIterableIterator<T>;

/**
 * The text of an answer for those who look at it as JSON.
 *
 * A piece costs as much as it is long, for each of those who look; nobody looking, nothing is parsed.
 */
export class StructuredView<T> {
  readonly #make: MakeIterator;
  #text = '';
  #growing: GrowingJson | undefined;
  #attempt = 1;
  readonly #watchers = new Set<(piece: string, hasChanged: boolean) => void>();

  /** @param make - Makes the iterators. */
  constructor(make: MakeIterator) {
    this.#make = make;
  }

  /** Adds a piece of the answer. */
  push(piece: string): void {
    this.#text += piece;
    const hasChanged = this.#growing?.push(piece) ?? false;
    for (const watch of this.#watchers) watch(piece, hasChanged);
  }

  /** Begins anew, with another answer; that of the next turn, for one. */
  restart(): void {
    if (this.#text === '') return;
    this.#text = '';
    if (this.#growing !== undefined) this.#growing = new GrowingJson();
    for (const watch of this.#watchers) watch('', true);
  }

  /** Begins anew because the answer is refused: of its elements none is given any more. */
  refuse(): void {
    this.#attempt += 1;
    this.restart();
  }

  /** Which answer it is: 1, and one more for each that was refused. */
  get attempt(): number {
    return this.#attempt;
  }

  /** The value so far, which grows in place; `undefined` before anything of it came. */
  get value(): DeepPartial<T> | undefined {
    if (this.#growing === undefined) {
      this.#growing = new GrowingJson();
      this.#growing.push(this.#text);
    }
    return this.#growing.value as DeepPartial<T> | undefined;
  }

  /** The value after each piece that changed it; who reads slowly gets it as it is by then. */
  async *values(): AsyncGenerator<DeepPartial<T>, undefined> {
    let isTold = false;
    const changes = this.#make<true>((push) =>
      this.#watch((_, hasChanged) => {
        if (!hasChanged || isTold) return;
        isTold = true;
        push(true);
      }),
    );
    const first = this.value;
    if (first !== undefined) yield first;
    for await (const _ of changes) {
      isTold = false;
      const { value } = this;
      if (value !== undefined) yield value;
    }
  }

  /** The elements of the array at `path`, each as soon as it is whole; those of a refused answer only until it is refused. */
  elements<Path extends string>(path: Path): AsyncGenerator<ElementAt<T, Path>, undefined> {
    const steps = pathOf(path);
    // Made now and not when somebody reads, so that what comes until then is not lost.
    const found = this.#make<{ element: ElementAt<T, Path>; attempt: number }>((push) => {
      let elements = new JsonElements(steps);
      let isReadable = true;
      const read = (piece: string) => {
        if (!isReadable) return;
        try {
          for (const text of elements.push(piece)) {
            push({ element: JSON.parse(text) as ElementAt<T, Path>, attempt: this.#attempt });
          }
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
    return this.#standing(found);
  }

  async *#standing<Element>(
    found: AsyncIterableIterator<{ element: Element; attempt: number }>,
  ): AsyncGenerator<Element, undefined> {
    for await (const { element, attempt } of found) if (attempt === this.#attempt) yield element;
  }

  #watch(watch: (piece: string, hasChanged: boolean) => void): () => void {
    this.#watchers.add(watch);
    return () => this.#watchers.delete(watch);
  }
}
