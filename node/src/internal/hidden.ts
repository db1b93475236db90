/** Members that may hold a secret: they can be read and assigned by name, and no way to print an object shows them. */

/**
 * Hides members of `owner` where they are: they are no part of it as JSON or in a copy of its members, and even who prints
 * what is hidden, as `console.dir` with `showHidden`, sees no more than that they exist.
 */
export function hide(owner: object, names: readonly string[]): void {
  for (const name of names) {
    // Not on the prototype: a proxy around `owner`, as tools for tracing make one, is another `this`.
    let value: unknown = Reflect.get(owner, name);
    const set = (given: unknown) => {
      value = given;
    };
    Object.defineProperty(owner, name, { get: () => value, set, enumerable: false, configurable: true });
  }
}

/** A URL for a message or a log: user and password are left out, also where it is none that can be read. */
export function withoutUser(url: string): string {
  return url.replace(/\/\/.*@/s, '//***@');
}

/**
 * `text` as a URL.
 *
 * @throws {TypeError} It is none. Unlike that of `new URL`, the error does not hold the text, in which a password may stand.
 */
export function parsedURL(text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL' });
}
