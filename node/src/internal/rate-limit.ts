/**
 * What the `x-ratelimit-*` headers of a response say.
 *
 * https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers
 */

/** One limit and what is left of it; `null` for what the response does not say, or says in an unknown form. */
export interface Quota {
  /** How many are allowed in a period. */
  limit: number | null;
  /** How many are left of them. */
  remaining: number | null;
  /** Milliseconds until `limit` are left again. */
  reset: number | null;
}

/** The limits that a request counted against; `null` for one that the response does not name. */
export interface RateLimit {
  requests: Quota | null;
  tokens: Quota | null;
}

/** Milliseconds of the units in which the API writes when a limit is whole again, such as `6m0s` or `120ms`. */
const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/** What the headers of a response say; `null` when it has none of them. */
export function rateLimitOf(headers: Headers): RateLimit | null {
  const requests = quota(headers, 'requests');
  const tokens = quota(headers, 'tokens');
  return requests === null && tokens === null ? null : { requests, tokens };
}

function quota(headers: Headers, kind: string): Quota | null {
  const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}-${kind}`));
  if (limit == null && remaining == null && reset == null) return null;
  return { limit: count(limit), remaining: count(remaining), reset: milliseconds(reset) };
}

function count(text: string | null | undefined): number | null {
  const number = text != null && /^\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(number) ? number : null;
}

function milliseconds(text: string | null | undefined): number | null {
  if (text == null || text.length > 64) return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (text.replace(PART, '') !== '' || text === '') return null;
  return [...text.matchAll(PART)].reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? NaN), 0);
}
