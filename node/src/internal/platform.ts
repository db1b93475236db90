/** The request headers that describe this machine, in the values that the official package sends. */

import { VERSION } from '../version.js';

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
export function platformHeaders(): Record<string, string> {
  return (fields ??= {
    'X-Stainless-Lang': 'js',
    'X-Stainless-Package-Version': VERSION,
    'X-Stainless-OS': SYSTEMS[process.platform] ?? `Other:${process.platform}`,
    'X-Stainless-Arch': ARCHITECTURES[process.arch] ?? `other:${process.arch}`,
    'X-Stainless-Runtime': 'node',
    'X-Stainless-Runtime-Version': process.version,
  });
}
