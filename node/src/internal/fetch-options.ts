/** Options of `fetch` that the native transport can honour, or that mean nothing to it. */

import { OpenAIError } from '../core/error.js';

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

/**
 * Whether redirects are followed; without it they are errors of their status.
 *
 * @throws {OpenAIError} An option asks for something that the native transport cannot do.
 */
export function followsRedirects(options: object | null | undefined): boolean {
  let isFollowing = true;
  for (const [name, value] of Object.entries(options ?? {}) as [string, unknown][]) {
    if (value == null || MEANINGLESS.has(name)) continue;
    if (name === 'redirect' && value === 'follow') isFollowing = true;
    else if (name === 'redirect' && value === 'manual') isFollowing = false;
    else refuse(name);
  }
  return isFollowing;
}

function refuse(name: string): never {
  throw new OpenAIError(
    `The \`fetchOptions.${name}\` option is not supported by tailrace because requests go over its native transport; ` +
      'leave it out and set proxies with NODE_USE_ENV_PROXY=1.',
  );
}
