/** Query strings in the official style, for forms and `buildURL`; those of requests are written by native code. */

import { parsedURL } from './hidden.js';

/** `fields` as JSON for native code. Numbers are texts, because each language writes them in its own way. */
export function queryJson(fields: object): string {
  return JSON.stringify(fields, function (this: Record<string, unknown>, name: string, value: unknown) {
    // A buffer has turned into something else before it comes here.
    const own = this[name];
    if (Array.isArray(value)) return value.filter(isSent);
    if (own instanceof Buffer) return own.toString();
    return ['number', 'bigint', 'symbol'].includes(typeof value) ? String(value) : value;
  });
}

function isSent(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function';
}

/** `fields` with brackets for nesting, `null` as an empty value and without `undefined`. */
export function queryString(fields: object): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(fields)) append(parts, name, value);
  return parts.join('&');
}

function append(parts: string[], name: string, value: unknown): void {
  if (!isSent(value)) return;
  if (Array.isArray(value)) {
    for (const item of value) append(parts, `${name}[]`, item);
  } else if (value instanceof Date) {
    append(parts, name, value.toISOString());
  } else if (value instanceof Buffer) {
    append(parts, name, value.toString());
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) append(parts, `${name}[${key}]`, item);
  } else {
    parts.push(`${escaped(name)}=${value === null ? '' : escaped(String(value))}`);
  }
}

/** RFC 3986: `encodeURIComponent` leaves five characters that it reserves. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The URL of a path below `base`, or of a path that is a whole URL, with `query` behind its own. */
export function joinedURL(base: string, path: string, query: string): string {
  const isWhole = /^https?:/i.test(path);
  const url = parsedURL(isWhole ? path : base + (base.endsWith('/') && path.startsWith('/') ? path.slice(1) : path));
  if (query !== '') url.search = url.search === '' ? query : `${url.search}&${query}`;
  return url.toString();
}
