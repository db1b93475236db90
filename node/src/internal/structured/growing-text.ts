/** JSON text that grows, and the value it had at every moment. */

import { notJson } from './json-answer.js';
import { PartialJson } from './partial-json.js';

/**
 * A text that is JSON in the end.
 *
 * Growing costs as much as the piece; the value of a moment is made when somebody asks, and stays as it was.
 */
export class GrowingText {
  readonly #json = new PartialJson();
  /** What the parser has not seen yet. */
  #pending = '';
  #length = 0;
  /** Whether the text begins with a bracket: then no beginning of it is refused, and nothing has to be parsed unasked. */
  #isContainer: boolean | undefined;
  #last: { length: number; value: unknown } | undefined;

  /**
   * Adds a piece.
   *
   * @throws {SyntaxError} The text can be no JSON, which is told at once only of a text without brackets around it.
   */
  push(piece: string): void {
    this.#pending += piece;
    this.#length += piece.length;
    if (this.#isContainer === undefined) {
      const first = this.#pending.trimStart()[0];
      if (first === undefined) return;
      this.#isContainer = first === '{' || first === '[';
    }
    if (this.#isContainer) return;
    try {
      this.valueAt(this.#length);
    } catch {
      throw notJson();
    }
  }

  /** How many UTF-16 units there are. */
  get length(): number {
    return this.#length;
  }

  /** Whether there is anything but white space. */
  get isBegun(): boolean {
    return this.#isContainer !== undefined;
  }

  /** The value of the first `length` units; the same object for the same question, until another one is asked. */
  valueAt(length: number): unknown {
    if (this.#last?.length === length) return this.#last.value;
    if (this.#pending !== '') {
      this.#json.push(this.#pending);
      this.#pending = '';
    }
    const value = length === this.#length ? this.#json.value() : this.#json.valueAt(length);
    this.#last = { length, value };
    return value;
  }
}

/** Makes a member of `owner` that is the value of all of `text`, made when somebody reads it. */
export function growsWith(owner: object, name: string, text: GrowingText): void {
  Object.defineProperty(owner, name, {
    get: () => text.valueAt(text.length),
    set: (value: unknown) => settle(owner, name, value),
    enumerable: true,
    configurable: true,
  });
}

/** Makes a member that was to be made when read one that is there, and gives its value. */
export function settle<T>(owner: object, name: string, value: T): T {
  Object.defineProperty(owner, name, { value, writable: true, enumerable: true, configurable: true });
  return value;
}
