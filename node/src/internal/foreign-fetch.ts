/** Which `fetch` sends the requests of a client: one that is not the native transport, if there is a reason for it. */

import type { Fetch } from './types.js';

/** The `fetch` of Node, unless somebody had put another in its place before this module was loaded. */
const nodes: unknown = isNodes(globalThis.fetch) ? globalThis.fetch : undefined;

/** Where undici, the one in Node and the package, keeps what all requests go through. */
const DISPATCHERS = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')] as const;

/** Dispatchers that do what Node does by itself. */
const plain = new WeakSet<object>();

/**
 * The global `fetch` where tests or tools have replaced it or what is below it, as nock, MSW and undici's `MockAgent` do.
 * It is looked for at each call, because that is when they expect to be asked.
 */
export function replacedFetch(): Fetch | undefined {
  const { fetch } = globalThis;
  if (typeof fetch !== 'function') return undefined;
  return fetch !== nodes || DISPATCHERS.some(isReplaced) ? (fetch as Fetch) : undefined;
}

function isReplaced(symbol: symbol): boolean {
  const dispatcher = (globalThis as Record<symbol, unknown>)[symbol];
  if (typeof dispatcher !== 'object' || dispatcher === null || plain.has(dispatcher)) return false;
  if (!isPlain(dispatcher)) return true;
  plain.add(dispatcher);
  return false;
}

/**
 * Whether a dispatcher is the agent that undici installs when nobody asks for another. It says so nowhere, so what cannot be
 * recognised counts as the caller's, and the caller's is always honoured.
 */
function isPlain(dispatcher: object): boolean {
  const prototype = Object.getPrototypeOf(dispatcher) as { constructor?: { name?: string }; dispatch?: unknown };
  const members = new Map(Object.getOwnPropertySymbols(dispatcher).map((symbol) => [symbol.description, symbol]));
  const member = (name: string) => (dispatcher as Record<symbol, unknown>)[members.get(name) ?? Symbol()];
  const name = prototype.constructor?.name;
  if (name === 'EnvHttpProxyAgent') return process.env['NODE_USE_ENV_PROXY'] === '1';
  const options = member('options');
  const isDefault = (value: unknown) => value === undefined || value === Infinity;
  return (
    name === 'Agent' &&
    // An agent with interceptors is one in a proxy that gives another `dispatch`.
    (dispatcher as { dispatch?: unknown }).dispatch === prototype.dispatch &&
    (member('factory') as { name?: string } | undefined)?.name === 'defaultFactory' &&
    typeof options === 'object' &&
    options !== null &&
    Object.values(options).every(isDefault)
  );
}

function isNodes(fetch: unknown): boolean {
  // Node wraps its undici in a function of its own, which other functions have no reason to look like.
  return typeof fetch === 'function' && Function.prototype.toString.call(fetch).includes('internal/deps/undici/undici');
}
