/** How the connection of a socket is made that was given options of its own. */

import type { TransportOptions } from './transport.js';

/**
 * Options by what is in them. A native client belongs to an object of options, and each has its own trusted roots and sessions of
 * TLS, but sockets come with options one by one.
 */
const known = new Map<string, WeakRef<TransportOptions>>();
const forgotten = new FinalizationRegistry<string>((key) => {
  if (known.get(key)?.deref() === undefined) known.delete(key);
});

/** The options of a client with those of a socket; the same object for all sockets with the same. */
export function socketTransport(
  own: TransportOptions | null | undefined,
  given: TransportOptions | undefined,
): TransportOptions | null | undefined {
  if (given === undefined) return own;
  const options = { ...own, ...given };
  const key = contents(options);
  if (key === undefined) return options;
  const before = known.get(key)?.deref();
  if (before !== undefined) return before;
  known.set(key, new WeakRef(options));
  forgotten.register(options, key);
  return options;
}

/** Text that no other options have; nothing where a value is none that options can have. */
function contents(options: TransportOptions): string | undefined {
  const all: (string | undefined)[][] = [];
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (value !== undefined) all.push([name, ...[value].flat().map(content)]);
  }
  return all.flat().includes(undefined) ? undefined : JSON.stringify(all);
}

function content(value: unknown): string | undefined {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('latin1')}`;
  const isPlain = ['string', 'number', 'boolean'].includes(typeof value);
  return isPlain ? `${typeof value} ${String(value)}` : undefined;
}
