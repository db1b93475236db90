/** Options of `fetch`: what the native transport can honour of them. */

/** What only browsers do, or what every request of a client is anyway. */
const MEANINGLESS = new Set([
  'cache',
  'credentials',
  'duplex',
  'integrity',
  'keepalive',
  'mode',
  'priority',
  'referrer',
  'referrerPolicy',
  'window',
]);

/** What options of `fetch` ask for. */
export interface Judged {
  /** Whether redirects are followed; without it they are errors of their status. */
  isFollowing: boolean;
  /** Whether only a `fetch` can do it, such as a `dispatcher`. */
  needsFetch: boolean;
}

const DEFAULT: Judged = { isFollowing: true, needsFetch: false };

/** Judges the options of a client and of a call; the latter win. */
export function judged(client: object | null | undefined, call: object | null | undefined): Judged {
  if (client == null && call == null) return DEFAULT;
  let { isFollowing, needsFetch } = DEFAULT;
  for (const [name, value] of Object.entries({ ...client, ...call }) as [string, unknown][]) {
    if (value == null || MEANINGLESS.has(name)) continue;
    if (name === 'redirect' && value === 'manual') isFollowing = false;
    else if (name !== 'redirect' || value !== 'follow') needsFetch = true;
  }
  return { isFollowing, needsFetch };
}
