/** A caller's own dispatcher of undici that shows a certificate: what it must be, and what goes over it. */

import { types } from 'node:util';
import { OpenAIError } from '../core/error.js';
import type { Fetch } from './types.js';

/** How the token service is reached. */
export type X509ProxyMode = 'direct' | 'http-connect' | 'https-connect';

declare const brand_privateX509Transport: unique symbol;

/** A transport that shows a certificate. */
export interface X509Transport {
  readonly [brand_privateX509Transport]: true;
}

/** Options of such a transport. */
export interface X509TransportOptions {
  runtime: 'node';
  /** An `Agent` or `ProxyAgent` of undici. */
  dispatcher: object;
  certificateIdentity: 'static';
  proxy: X509ProxyMode;
}

const MODES: readonly unknown[] = ['direct', 'http-connect', 'https-connect'] satisfies X509ProxyMode[];
const OPTIONS = ['runtime', 'dispatcher', 'certificateIdentity', 'proxy'] as const;

/** That of Node, or what stood there first: what is put in its place later has no part in credentials. */
const platforms: Fetch = globalThis.fetch;

/** The dispatchers of transports; a transport shows nothing of what it holds. */
const dispatchers = new WeakMap<object, object>();

/**
 * Makes a transport.
 *
 * @throws {OpenAIError} An option is missing or wrong; no value is shown.
 */
export function dispatcherTransport(given: unknown): X509Transport {
  if (typeof given !== 'object' || given === null || types.isProxy(given)) {
    throw new OpenAIError('X.509 transport configuration must be a non-proxy object.');
  }
  const options = checked(given);
  if (options.runtime !== 'node') throw new OpenAIError('X.509 transport requires an explicitly attested Node.js runtime.');
  const { dispatcher, proxy } = options;
  if (types.isProxy(dispatcher)) throw new OpenAIError('X.509 transport does not accept a dispatcher proxy.');
  const kind = kindOf(dispatcher);
  if (kind === undefined) throw new OpenAIError('X.509 transport requires a caller-owned Undici Agent or ProxyAgent.');
  if (options.certificateIdentity !== 'static') {
    throw new OpenAIError('X.509 transport requires an explicitly attested static client certificate.');
  }
  if (!MODES.includes(proxy)) throw new OpenAIError('X.509 transport requires an explicitly supported proxy mode.');
  if ((proxy === 'direct') !== (kind === 'Agent')) {
    throw new OpenAIError('An X.509 CONNECT proxy requires an Undici ProxyAgent.');
  }
  const transport = Object.freeze({}) as X509Transport;
  dispatchers.set(transport, dispatcher as object);
  return transport;
}

/**
 * What sends requests over a transport: the `fetch` of the package undici, which the dispatcher is of, since that of Node may be
 * too far from it.
 *
 * @throws {OpenAIError} It was not made by {@link dispatcherTransport}.
 */
export function fetchOver(transport: X509Transport | null | undefined): Fetch {
  const dispatcher = transport == null ? undefined : dispatchers.get(transport);
  if (dispatcher === undefined) {
    throw new OpenAIError('X.509 workload identity requires an approved X.509 transport capability.');
  }
  return async (url, init) => {
    const send = await undiciFetch();
    return send(url, { ...init, redirect: 'manual', dispatcher } as RequestInit);
  };
}

/** Where the package cannot be found from here, the `fetch` of Node, which takes dispatchers of its own version and near ones. */
async function undiciFetch(): Promise<Fetch> {
  const name = 'undici';
  try {
    return ((await import(name)) as { fetch: Fetch }).fetch;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND' || (error as { code?: unknown }).code === 'MODULE_NOT_FOUND') {
      return platforms;
    }
    throw error;
  }
}

function checked(given: object): Record<(typeof OPTIONS)[number], unknown> {
  const known: readonly PropertyKey[] = OPTIONS;
  const unknown = Reflect.ownKeys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new OpenAIError(`Unsupported X.509 transport option: \`${String(unknown)}\`.`);
  const values = OPTIONS.map((name) => {
    const property = Object.getOwnPropertyDescriptor(given, name);
    if (property !== undefined && 'value' in property) return [name, property.value as unknown];
    throw new OpenAIError(`X.509 transport option \`${name}\` must be an own plain data property.`);
  });
  return Object.fromEntries(values) as Record<(typeof OPTIONS)[number], unknown>;
}

/** Which of undici's dispatchers it is; others may show another certificate, or none. */
function kindOf(dispatcher: unknown): 'Agent' | 'ProxyAgent' | undefined {
  if (typeof dispatcher !== 'object' || dispatcher === null) return undefined;
  const prototype = Object.getPrototypeOf(dispatcher) as { constructor?: { name?: string }; dispatch?: unknown } | null;
  const name = prototype?.constructor?.name;
  const isOwn = !('dispatch' in dispatcher) || (dispatcher as { dispatch: unknown }).dispatch === prototype?.dispatch;
  return isOwn && (name === 'Agent' || name === 'ProxyAgent') && typeof (dispatcher as { close?: unknown }).close === 'function'
    ? name
    : undefined;
}
