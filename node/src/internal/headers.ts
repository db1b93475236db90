/** Headers in every form that a caller may give. */

type HeaderValue = string | undefined | null;

/** Headers by name, as pairs or as a `Headers` object; `null` removes one, `undefined` says nothing. */
export type HeadersLike =
  | Headers
  | readonly HeaderValue[][]
  | Record<string, HeaderValue | readonly HeaderValue[]>
  | undefined
  | null;

/**
 * Layers of headers as names and values by turns, in rising precedence.
 *
 * Inside one layer several values of a name are joined with `, `, as `fetch` does; a later layer replaces them.
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
  for (const [name, value] of entries(layer)) {
    if (value === undefined) continue;
    const key = name.toLowerCase();
    const before = fields.get(key);
    fields.set(key, value === null ? null : before == null ? String(value) : `${before}, ${value}`);
  }
  return fields;
}

function* entries(layer: NonNullable<HeadersLike>): Generator<[string, HeaderValue]> {
  if (layer instanceof Headers) {
    yield* layer;
    return;
  }
  const pairs: Iterable<readonly unknown[]> = Array.isArray(layer) ? layer : Object.entries(layer);
  for (const pair of pairs) {
    const name = pair[0];
    if (typeof name !== 'string') throw new TypeError('A header name must be a string.');
    const values = Array.isArray(pair[1]) ? (pair[1] as HeaderValue[]) : [pair[1] as HeaderValue];
    for (const value of values) yield [name, value];
  }
}
