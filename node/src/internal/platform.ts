/** The headers that each request has by itself: what describes this machine, in the values of the official package, and who asks. */

import { VERSION } from '../version.js';
import type { HeadersLike } from './headers.js';
import { longest, type Timeout } from './timeout.js';

const SYSTEMS: Record<string, string> = {
  aix: 'Other:aix',
  android: 'Android',
  darwin: 'MacOS',
  freebsd: 'FreeBSD',
  linux: 'Linux',
  openbsd: 'OpenBSD',
  win32: 'Windows',
};

const ARCHITECTURES: Record<string, string> = { arm: 'arm', arm64: 'arm64', ia32: 'x32', x32: 'x32', x64: 'x64' };

let fields: Record<string, string> | undefined;

/** The `X-Stainless-*` headers of this process; worked out once. */
function platformHeaders(): Record<string, string> {
  return (fields ??= {
    'X-Stainless-Lang': 'js',
    'X-Stainless-Package-Version': VERSION,
    'X-Stainless-OS': SYSTEMS[process.platform] ?? `Other:${process.platform}`,
    'X-Stainless-Arch': ARCHITECTURES[process.arch] ?? `other:${process.arch}`,
    'X-Stainless-Runtime': 'node',
    'X-Stainless-Runtime-Version': process.version,
  });
}

/**
 * The headers of a client, except those that say who may ask.
 *
 * @param timeout - That of the call itself, which the server is told in whole seconds.
 */
export function ownHeaders(
  client: { organization: string | null; project: string | null },
  timeout: number | Timeout | undefined,
): HeadersLike {
  const most = timeout === undefined ? Infinity : longest(timeout);
  return {
    Accept: 'application/json',
    ...(most === Infinity ? {} : { 'X-Stainless-Timeout': String(Math.trunc(most / 1000)) }),
    ...platformHeaders(),
    ...askerHeaders(client),
  };
}

/** The headers that say which client asks, and for whom. */
export function askerHeaders(client: { organization?: string | null; project?: string | null }) {
  return {
    'User-Agent': `${client.constructor.name}/JS ${VERSION}`,
    'OpenAI-Organization': client.organization ?? undefined,
    'OpenAI-Project': client.project ?? undefined,
  };
}
