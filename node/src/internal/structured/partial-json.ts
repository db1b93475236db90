/** The value of JSON text that has not come to its end. */

const CLOSING: Record<string, string> = { '{': '}', '[': ']' };
const WORDS: [string, unknown][] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
];
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const BROKEN_ESCAPE = /\\(u[\da-fA-F]{0,3})?$/;

/** A text that grows. What an open bracket holds is what is whole in it, with an open string at its end. */
export class PartialJson {
  #text = '';

  /** Adds a piece. */
  push(piece: string): void {
    this.#text += piece;
  }

  /**
   * The value of what there is; `null` without any.
   *
   * @throws {SyntaxError} It is no JSON, and no bracket is around it.
   */
  value(): unknown {
    return valueOf(this.#text);
  }

  /**
   * The value of the first `length` UTF-16 units.
   *
   * @throws {SyntaxError} They are no JSON, and no bracket is around them.
   */
  valueAt(length: number): unknown {
    return valueOf(this.#text.slice(0, length));
  }
}

function valueOf(text: string): unknown {
  const trimmed = text.trim();
  const first = trimmed[0];
  if (first === undefined) return null;
  if (first === '{' || first === '[') return new Container(trimmed).value();
  if (first === '"') return JSON.parse(closedString(trimmed));
  const word = WORDS.find(([name]) => trimmed.startsWith(name) || name.startsWith(trimmed));
  if (word !== undefined && trimmed !== '-') return word[1];
  if (NUMBER.test(trimmed)) return Number(trimmed);
  throw new SyntaxError('Error reading response: invalid structured output JSON.');
}

/** A string up to its closing quote, or closed where it ends. */
function closedString(text: string): string {
  const end = endOfString(text, 0);
  return end === undefined ? `${text.slice(0, text.length - oddEscape(text).length)}"` : text.slice(0, end);
}

/** What is left of an escape at the end of a text, if its backslash is none that is escaped itself. */
function oddEscape(text: string): string {
  const found = BROKEN_ESCAPE.exec(text);
  if (found === null) return '';
  const slashes = /\\*$/.exec(text.slice(0, found.index + 1))?.[0].length ?? 0;
  return slashes % 2 === 1 ? found[0] : '';
}

function endOfString(text: string, from: number): number | undefined {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return undefined;
}

/** Reads a text that begins with a bracket, and stops at what is open or wrong. */
class Container {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): unknown {
    try {
      return this.#read().value;
    } catch (error) {
      if (error instanceof RangeError) throw new SyntaxError('The JSON is nested too deeply.', { cause: error });
      throw error;
    }
  }

  /** The next value, and whether it is whole; nothing when there is none that counts. */
  #read(): { value: unknown; isWhole: boolean; isNone?: boolean } {
    const none = { value: undefined, isWhole: false, isNone: true };
    this.#skip();
    const first = this.#text[this.#at];
    if (first === '{' || first === '[') return this.#bracket(first);
    if (first === '"') {
      const end = endOfString(this.#text, this.#at);
      const rest = this.#text.slice(this.#at, end);
      this.#at = end ?? this.#text.length;
      try {
        return { value: JSON.parse(end === undefined ? closedString(rest) : rest), isWhole: end !== undefined };
      } catch {
        return none;
      }
    }
    const token = /^[-+.\w]*/.exec(this.#text.slice(this.#at, this.#at + 400))?.[0] ?? '';
    const isOpen = this.#at + token.length === this.#text.length;
    this.#at += token.length;
    if (token === '') return none;
    const word = WORDS.find(([name]) => token === name || (isOpen && token !== '-' && name.startsWith(token)));
    if (word !== undefined) return { value: word[1], isWhole: !isOpen };
    return !isOpen && NUMBER.test(token) ? { value: Number(token), isWhole: true } : none;
  }

  #bracket(first: string): { value: unknown; isWhole: boolean } {
    const closing = CLOSING[first];
    const list: unknown[] = [];
    const members: Record<string, unknown> = {};
    const value = first === '[' ? list : members;
    this.#at += 1;
    for (;;) {
      this.#skip();
      if (this.#text[this.#at] === closing) {
        this.#at += 1;
        return { value, isWhole: true };
      }
      let key = '';
      if (first === '{') {
        const end = this.#text[this.#at] === '"' ? endOfString(this.#text, this.#at) : undefined;
        if (end === undefined) return { value, isWhole: false };
        try {
          key = JSON.parse(this.#text.slice(this.#at, end)) as string;
        } catch {
          return { value, isWhole: false };
        }
        this.#at = end;
        this.#skip();
        if (this.#text[this.#at] !== ':') return { value, isWhole: false };
        this.#at += 1;
      }
      const read = this.#read();
      if (read.isNone) return { value, isWhole: false };
      if (first === '[') list.push(read.value);
      else Object.defineProperty(members, key, { value: read.value, writable: true, enumerable: true, configurable: true });
      if (!read.isWhole) return { value, isWhole: false };
      this.#skip();
      const next = this.#text[this.#at];
      if (next === ',') this.#at += 1;
      else if (next !== closing) return { value, isWhole: false };
    }
  }

  #skip(): void {
    while (/[ \t\n\r]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }
}
