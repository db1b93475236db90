/** Headers in every form that a caller may give. */

type HeaderValue = string | undefined | null;

declare const brand_privateNullableHeaders: unique symbol;

/** Merged headers that also know which names were removed. */
export type NullableHeaders = {
  /** Makes the type one that only {@link buildHeaders} gives. */
  [brand_privateNullableHeaders]: true;
  /** The headers that have a value. */
  values: Headers;
  /** The names that were removed, in lower case. */
  nulls: Set<string>;
};

/** Headers by name, as pairs or as a `Headers` object; `null` removes one, `undefined` says nothing. */
export type HeadersLike =
  | Headers
  | readonly HeaderValue[][]
  | Record<string, HeaderValue | readonly HeaderValue[]>
  | undefined
  | null
  | NullableHeaders;

/** Names in lower case with their values; `null` stands for a header that is removed. */
export type Fields = Map<string, string | null>;

/** Merged headers; the costly parts are built when asked for, and no way to print them shows what they hold. */
class MergedHeaders {
  readonly #fields: Fields;
  #values: Headers | undefined;

  constructor(fields: Fields) {
    this.#fields = fields;
  }

  get fields(): Fields {
    return this.#fields;
  }

  get values(): Headers {
    if (this.#values !== undefined) return this.#values;
    const values = new Headers();
    for (const [name, value] of this.fields) if (value !== null) append(values, name, value);
    return (this.#values = values);
  }

  get nulls(): Set<string> {
    const removed = [...this.fields].filter(([, value]) => value === null);
    return new Set(removed.map(([name]) => name));
  }
}

/** Layers of headers merged in rising precedence. */
export function buildHeaders(layers: HeadersLike[]): NullableHeaders {
  return asNullable(layered(layers));
}

/** Merged fields in the public form. */
export function asNullable(fields: Fields): NullableHeaders {
  return new MergedHeaders(fields) as unknown as NullableHeaders;
}

/** Whether a header has a value or was removed; `name` in lower case. */
export function isNamed(headers: NullableHeaders, name: string): boolean {
  if (headers instanceof MergedHeaders) return headers.fields.has(name);
  return headers.values.has(name) || headers.nulls.has(name);
}

/** Whether `headers` name nothing. */
export function isEmptyHeaders(headers: HeadersLike): boolean {
  return layered([headers]).size === 0;
}

/**
 * Layers of headers, merged in rising precedence.
 *
 * Inside one layer several values of a name are joined with `, `, as `fetch` does; a later layer replaces them, and so
 * does a later key of an object.
 */
export function layered(layers: HeadersLike[]): Fields {
  const fields: Fields = new Map();
  for (const layer of layers) {
    if (!layer) continue;
    for (const [name, value] of merged(layer)) fields.set(name, value);
  }
  return fields;
}

/** Names and values by turns, as native code takes them. */
export function flat(fields: Fields): (string | null)[] {
  const list: (string | null)[] = [];
  for (const [name, value] of fields) list.push(name, value);
  return list;
}

/** @throws {TypeError} HTTP allows no such header. Unlike that of `Headers`, the error does not hold the value. */
function append(headers: Headers, name: string, value: string): void {
  try {
    headers.append(name, value);
  } catch {
    throw new TypeError(`The header ${JSON.stringify(name)} has a name or a value that HTTP does not allow.`);
  }
}

function merged(layer: NonNullable<HeadersLike>): Fields {
  if (layer instanceof MergedHeaders) return layer.fields;
  const fields: Fields = new Map();
  if (isForeignNullable(layer)) {
    // Made by another copy of this module.
    for (const name of layer.nulls) fields.set(name.toLowerCase(), null);
    for (const [name, value] of layer.values) fields.set(name, value);
    return fields;
  }
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

function isForeignNullable(layer: object): layer is NullableHeaders {
  const { values, nulls } = layer as Partial<NullableHeaders>;
  return values instanceof Headers && nulls instanceof Set;
}
