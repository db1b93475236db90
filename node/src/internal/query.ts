/** Query strings in the official style, for forms and `buildURL`; those of requests are written by native code. */

/** `fields` as JSON for native code. Numbers are texts, because each language writes them in its own way. */
export function queryJson(fields: object): string {
  const isNumber = (value: unknown) => typeof value === 'number' || typeof value === 'bigint';
  return JSON.stringify(fields, (_name, value: unknown) => (isNumber(value) ? String(value) : value));
}

/** `fields` with brackets for nesting, `null` as an empty value and without `undefined`. */
export function queryString(fields: object): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(fields)) append(parts, name, value);
  return parts.join('&');
}

function append(parts: string[], name: string, value: unknown): void {
  if (value === undefined) return;
  if (Array.isArray(value)) {
    for (const item of value) append(parts, `${name}[]`, item);
  } else if (value instanceof Date) {
    append(parts, name, value.toISOString());
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
