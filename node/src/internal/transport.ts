/** How the connections of a client are made, where it says so. */

import { readFileSync } from 'node:fs';
import { OpenAIError } from '../core/error.js';
import { readEnv } from './env.js';
import { addon, type Client, type NativeTransportOptions } from './native.cjs';

/** PEM, as text or bytes. */
export type Pem = string | Uint8Array;

/** How connections are made and kept. A client with these has connections of its own, which its copies share. */
export interface TransportOptions {
  /** Certificates of all authorities that are trusted; default those of the system, and of `NODE_EXTRA_CA_CERTS`. */
  ca?: Pem | Pem[] | undefined;
  /** What the client shows to servers that ask for a certificate, with those that vouch for it. */
  cert?: Pem | undefined;
  /** The private key to `cert`, not encrypted; default: it stands in `cert`. */
  key?: Pem | undefined;
  /** False trusts whoever answers, so that anybody between can read and change what is sent; default true. */
  rejectUnauthorized?: boolean | undefined;
  /**
   * `http`, `https`, `socks5`, `socks5h`, `socks4` or `socks4a`, with user and password where it wants them; default what
   * the environment says when `NODE_USE_ENV_PROXY` is 1.
   */
  proxy?: string | undefined;
  /** Hosts that are reached without `proxy`, as in `NO_PROXY`: names, with all below them, addresses, ranges, or `*`. */
  noProxy?: string | undefined;
  /** Whether HTTP/2 is proposed to servers with TLS; then several streams share a connection. Default false. */
  http2?: boolean | undefined;
  /** The most connections, or with `http2` requests, at once; default no limit. */
  maxConnections?: number | undefined;
  /** The most connections that wait for use; default no limit. */
  maxIdleConnections?: number | undefined;
  /** How long a connection waits for use, in milliseconds; default 90,000. */
  idleTimeout?: number | undefined;
  /** The most bytes that a compressed body may grow to; default 1 GiB. */
  maxDecodedBytes?: number | undefined;
}

const TYPES: Record<keyof TransportOptions, (value: unknown) => boolean> = {
  ca: (value) => (Array.isArray(value) ? value.length > 0 && value.every(isPem) : isPem(value)),
  cert: isPem,
  key: isPem,
  rejectUnauthorized: (value) => typeof value === 'boolean',
  proxy: (value) => typeof value === 'string',
  noProxy: (value) => typeof value === 'string',
  http2: (value) => typeof value === 'boolean',
  maxConnections: (value) => isCount(value) && value !== 0,
  maxIdleConnections: isCount,
  idleTimeout: (value) => typeof value === 'number' && value >= 0,
  maxDecodedBytes: isCount,
};

const IDLE_TIMEOUT = 90_000;

let shared: Client | undefined;
const own = new WeakMap<TransportOptions, Client>();

/**
 * The native client of these options; without any, the one of the environment, with its connections.
 *
 * @throws {OpenAIError} An option is wrong or cannot be used; the message says which.
 */
export function nativeClient(options: TransportOptions | null | undefined): Client {
  if (options == null) return (shared ??= newShared());
  let client = own.get(options);
  if (client === undefined) own.set(options, (client = newClient(options)));
  return client;
}

/** How a client is made that is not that of a caller's options alone. */
interface Making {
  useEnvProxies?: boolean;
  /** What an error begins with. */
  whose?: string;
  /** All authorities that the proxy is trusted by, `null` for the usual ones; left out, by those of servers. */
  proxyCA?: Pem | Pem[] | null | undefined;
}

/**
 * `options`, whose client takes no proxy from the environment.
 *
 * @param proxyCA - All authorities that its proxy is trusted by, `null` for the usual ones.
 * @throws {OpenAIError} As {@link nativeClient}; the message begins with `whose`.
 */
export function withoutEnvironment(options: TransportOptions, whose: string, proxyCA?: Pem | Pem[] | null): TransportOptions {
  own.set(options, newClient(options, { useEnvProxies: false, whose, proxyCA }));
  return options;
}

function newShared(): Client {
  const more = extraRoots();
  if (more === undefined) return new (addon().Client)(usesEnvProxies());
  try {
    return newClient({});
  } catch {
    // Node has warned of it when it started, and goes on without, too.
    return new (addon().Client)(usesEnvProxies());
  }
}

function newClient(options: TransportOptions, { useEnvProxies = usesEnvProxies(), whose, proxyCA }: Making = {}): Client {
  for (const [name, value] of Object.entries(options)) {
    const isRight = TYPES[name as keyof TransportOptions];
    if (isRight === undefined) throw new OpenAIError(`The \`transport.${name}\` option does not exist; leave it out.`);
    if (value !== undefined && !isRight(value)) {
      throw new OpenAIError(`The \`transport.${name}\` option has a value that it cannot have; see TransportOptions.`);
    }
  }
  const { ca, cert, key, maxConnections } = options;
  if (key !== undefined && cert === undefined) {
    throw new OpenAIError('The `transport.key` option is the key to `transport.cert`; give both.');
  }
  if (options.noProxy !== undefined && options.proxy === undefined) {
    throw new OpenAIError('The `transport.noProxy` option excepts hosts from `transport.proxy`; give both.');
  }
  const given: NativeTransportOptions = {
    ...trusted(ca),
    verify: options.rejectUnauthorized ?? true,
    certificate: cert === undefined ? undefined : bytes(cert),
    key: key === undefined ? undefined : bytes(key),
    proxy: options.proxy,
    noProxy: options.noProxy,
    proxyTrust: proxyCA === undefined ? undefined : trusted(proxyCA),
    useEnvProxies,
    maxIdle: options.maxIdleConnections,
    idleMs: options.idleTimeout ?? IDLE_TIMEOUT,
    http2: options.http2 ?? false,
    maxDecodedBytes: options.maxDecodedBytes,
  };
  try {
    return new (addon().Client)(given.useEnvProxies, new (addon().Transport)(given), maxConnections);
  } catch (error) {
    throw new OpenAIError(`${whose ?? 'The `transport` option'} cannot be used: ${(error as Error).message}`);
  }
}

/** Whom to trust: these authorities, or the usual ones. */
function trusted(ca: Pem | Pem[] | null | undefined): Pick<NativeTransportOptions, 'roots' | 'moreRoots'> {
  if (ca == null) return { roots: undefined, moreRoots: extraRoots() };
  return { roots: bytes(...[ca].flat()), moreRoots: undefined };
}

/** Node's own `fetch` looks at the proxy variables only when it is told to. */
function usesEnvProxies(): boolean {
  return readEnv('NODE_USE_ENV_PROXY') === '1';
}

/** What Node trusts beside its own roots; nothing where the file cannot be read, of which Node warns when it starts. */
function extraRoots(): Buffer | undefined {
  const path = readEnv('NODE_EXTRA_CA_CERTS');
  try {
    return path ? readFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}

function bytes(...pieces: Pem[]): Buffer {
  return Buffer.concat(pieces.flatMap((piece) => [Buffer.from(piece as Uint8Array), Buffer.from('\n')]));
}

function isPem(value: unknown): boolean {
  return typeof value === 'string' || value instanceof Uint8Array;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
