/** JSON text that goes on: its value at every moment, an object that grows, and the elements of one array. */

import { addon, type JsonEdits, type JsonElements as NativeElements } from '../native.cjs';

type Container = Record<string, unknown> | unknown[];

/** What the native module tells; see `partial.rs`. */
const OBJECT = 0;
const ARRAY = 1;
const END = 2;
const KEY = 3;
const VALUE = 4;
const WORD = 5;
const TEXT = 6;
const MORE_TEXT = 7;
const NO_TEXT = 8;
const TAIL = 9;
const WORD_TAIL = 10;
const BROKEN = 11;
const OPEN_TEXT = 13;

/** A value that counts until more comes; undefined says that there is none, which no JSON says. */
interface End {
  tail: unknown;
  /** Why the text is no JSON. */
  reason: string | undefined;
}

/** A value that grows in place, from edits of the native module. */
class Tree {
  readonly #edits: JsonEdits = new (addon().JsonEdits)();
  /** The objects and arrays that are open, each in the one before it, and for each the key of what comes next. */
  readonly #open: Container[] = [];
  readonly #keys: string[] = [];
  #hasBegun = false;
  /** Whether the last string has not ended, and how much white space the text has at its end. */
  #isText = false;
  #space = 0;
  root: unknown;
  end: End = { tail: undefined, reason: undefined };

  /** Adds a piece; whether the value changed. */
  push(piece: string): boolean {
    if (!this.#hasBegun) {
      // The official parser takes what JavaScript trims.
      piece = piece.trimStart();
      if (piece === '') return false;
      this.#hasBegun = true;
    }
    const { length } = piece.trimEnd();
    this.#space = piece.length - length + (length === 0 ? this.#space : 0);
    const edits = this.#edits.push(piece);
    if (edits === null) {
      this.#lengthen(piece);
      return true;
    }
    return this.#apply(JSON.parse(edits) as unknown[]);
  }

  /** The value as it is now, in containers of its own where it is open. */
  copy(): unknown {
    let inner = this.end.tail;
    let isInPlace = false;
    if (this.#isText && this.#space > 0) {
      // The official parser trims the whole text, and with it a string that has not ended.
      inner = (this.#last() as string).slice(0, -this.#space);
      isInPlace = true;
    }
    for (let depth = this.#open.length - 1; depth >= 0; depth--) {
      const open = this.#open[depth] as Container;
      const copy: Container = Array.isArray(open) ? open.slice() : { ...open };
      if (inner !== undefined) {
        if (!Array.isArray(copy)) set(copy, this.#keys[depth] as string, inner);
        else if (isInPlace) copy[copy.length - 1] = inner;
        else copy.push(inner);
      }
      inner = copy;
      isInPlace = true;
    }
    return inner === undefined ? this.root : inner;
  }

  #apply(edits: unknown[]): boolean {
    let hasChanged = false;
    this.end = { tail: undefined, reason: undefined };
    this.#isText = false;
    for (let at = 0; at < edits.length; at++) {
      const operation = edits[at];
      if (operation === KEY) this.#keys[this.#open.length - 1] = edits[++at] as string;
      else if (operation === TAIL) this.end.tail = edits[++at];
      else if (operation === WORD_TAIL) this.end.tail = Number(edits[++at]);
      else if (operation === BROKEN) this.end.reason = edits[++at] as string;
      else if (operation === END) this.#open.pop();
      else if (operation === MORE_TEXT) hasChanged = this.#lengthen(edits[++at] as string);
      else if (operation === OBJECT) hasChanged = this.#begin({});
      else if (operation === ARRAY) hasChanged = this.#begin([]);
      else if (operation === VALUE) hasChanged = this.#put(edits[++at]);
      else if (operation === WORD) hasChanged = this.#put(Number(edits[++at]));
      else if (operation === TEXT) hasChanged = this.#put('');
      else if (operation === OPEN_TEXT) this.#isText = true;
      else if (operation === NO_TEXT) hasChanged = this.#takeBack();
    }
    return hasChanged;
  }

  #begin(container: Container): true {
    this.#put(container);
    this.#open.push(container);
    return true;
  }

  #put(value: unknown): true {
    const open = this.#open.at(-1);
    if (open === undefined) this.root = value;
    else if (Array.isArray(open)) open.push(value);
    else set(open, this.#keys[this.#open.length - 1] as string, value);
    return true;
  }

  /** The value that was put last. */
  #last(): unknown {
    const open = this.#open.at(-1);
    if (open === undefined) return this.root;
    if (Array.isArray(open)) return open.at(-1);
    const key = this.#keys[this.#open.length - 1] as string;
    // `__proto__` as a member is not what a look finds.
    return key === '__proto__' ? Object.getOwnPropertyDescriptor(open, key)?.value : open[key];
  }

  #lengthen(piece: string): true {
    const text = (this.#last() as string) + piece;
    const open = this.#open.at(-1);
    if (open === undefined) this.root = text;
    else if (Array.isArray(open)) open[open.length - 1] = text;
    else set(open, this.#keys[this.#open.length - 1] as string, text);
    return true;
  }

  #takeBack(): true {
    const open = this.#open.at(-1);
    if (open === undefined) this.root = undefined;
    else if (Array.isArray(open)) open.pop();
    else delete open[this.#keys[this.#open.length - 1] as string];
    return true;
  }
}

/** Sets a member of its own, whatever it is called. */
function set(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

/**
 * The value of JSON text that goes on, at every moment.
 *
 * A piece costs as much as it is long. What has ended is shared by the values of all moments; what is open is copied.
 * An open array of a hundred thousand numbers is therefore copied by each call of `value`, one reference for each; what
 * grows in place is {@link GrowingJson}.
 */
export class PartialJson {
  readonly #tree = new Tree();
  #text = '';

  /** Adds a piece. */
  push(piece: string): void {
    this.#text += piece;
    this.#tree.push(piece);
  }

  /**
   * The value so far, which stays as it is; null before anything but white space has come.
   *
   * @throws {SyntaxError} No JSON text begins like this. Within an object or array nothing is refused: the value stays as
   * it was before the error.
   */
  value(): unknown {
    const { reason } = this.#tree.end;
    if (reason !== undefined) throw new SyntaxError(reason);
    const value = this.#tree.copy();
    return value === undefined ? null : value;
  }

  /** The value of the first `length` UTF-16 units, which are read anew. */
  valueAt(length: number): unknown {
    const earlier = new PartialJson();
    earlier.push(this.#text.slice(0, length));
    return earlier.value();
  }
}

/** One value that grows in place as its JSON text arrives. Numbers come when they have ended. */
export class GrowingJson {
  readonly #tree = new Tree();

  /** Adds a piece; whether the value changed. After an error in the JSON it does not grow any more. */
  push(piece: string): boolean {
    return this.#tree.push(piece);
  }

  /** The value, the same object at all times; undefined before anything of it has come. */
  get value(): unknown {
    return this.#tree.root;
  }
}

/** The elements of one array of JSON text that goes on, each as soon as it has ended. */
export class JsonElements {
  readonly #elements: NativeElements;

  /** @param path - The keys and indexes that lead to the array; `*` is any. */
  constructor(path: string[]) {
    this.#elements = new (addon().JsonElements)(path);
  }

  /**
   * JSON text of each element that this piece ends.
   *
   * @throws {Error} The text is no JSON, once what ended before has been handed over.
   */
  push(piece: string): string[] {
    return this.#elements.push(piece);
  }
}

/**
 * The steps of a path: a JSON pointer (`/plan/steps`) or names with dots between (`plan.steps`); `*` is any.
 *
 * The empty path leads to the whole text.
 */
export function pathOf(path: string): string[] {
  if (path.startsWith('/')) {
    return path
      .slice(1)
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return path === '' ? [] : path.split('.');
}

/**
 * What there is of the value of `text`, the beginning of a JSON text; undefined when no value has come yet.
 *
 * Objects, arrays and strings that have not ended are there with what they have, and the first letters of a word are the
 * word. A key without its value does not count, nor within an object or array a number that may go on, nor anything after
 * an error there.
 *
 * @throws {SyntaxError} No JSON text begins like `text`, and no object or array has begun.
 */
export function partialJson(text: string): unknown {
  if (text.trim() === '') return undefined;
  const json = new PartialJson();
  json.push(text);
  return json.value();
}
