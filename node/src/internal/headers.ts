/** Headers in every form that a caller may give. */

type HeaderValue = string | undefined | null;

/** Headers by name, as pairs or as a `Headers` object; `null` removes one, `undefined` says nothing. */
export type HeadersLike =
  Headers | readonly HeaderValue[][] | Record<string, HeaderValue | readonly HeaderValue[]> | undefined | null;

/**
 * Layers of headers as names and values by turns, in rising precedence.
 *
 * Inside one layer several values of a name are joined with `, `, as `fetch` does; a later layer replaces them, and so
 * does a later key of an object.
 */
export function layered(layers: HeadersLike[]): (string | null)[] {
  const flat: (string | null)[] = [];
  for (const layer of layers) {
    if (!layer) continue;
    for (const [name, value] of merged(layer)) flat.push(name, value);
  }
  return flat;
}

/** The value that `name` (in lower case) has after all layers; `null` when it was removed, else `undefined`. */
export function effective(flat: (string | null)[], name: string): string | null | undefined {
  let found: string | null | undefined;
  for (let i = 0; i + 1 < flat.length; i += 2) {
    if (flat[i]?.toLowerCase() === name) found = flat[i + 1];
  }
  return found;
}

function merged(layer: NonNullable<HeadersLike>): Map<string, string | null> {
  const fields = new Map<string, string | null>();
  const isRecord = !(layer instanceof Headers) && !Array.isArray(layer);
  const pairs = (isRecord ? Object.entries(layer) : layer) as Iterable<readonly unknown[]>;
  for (const [name, given] of pairs) {
    if (typeof name !== 'string') throw new TypeError('A header name must be a string.');
    const key = name.toLowerCase();
    let isFirst = isRecord;
    for (const value of (Array.isArray(given) ? given : [given]) as HeaderValue[]) {
      if (value === undefined) continue;
      const before = isFirst ? undefined : fields.get(key);
      isFirst = false;
      fields.set(key, value === null ? null : before == null ? String(value) : `${before}, ${value}`);
    }
  }
  return fields;
}
