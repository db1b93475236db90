/** What callers say of a WebSocket, as the native transport takes it. */

import type * as WS from 'ws';
import { OpenAIError } from '../core/error.js';
import { buildHeaders, type HeadersLike } from './headers.js';
import type { SocketAudio } from './socket-audio.js';
import type { Pem, TransportOptions } from './transport.js';

/** How a socket is watched, in milliseconds, and what it makes of sound. */
export interface SocketLimits {
  /**
   * Decodes the sound of events: their `delta` is a `Buffer`, or an `Int16Array` of PCM of 16 bits, in place of base64, which is
   * missing in the text that `message` listeners of the socket get. Default: text.
   */
  audio?: SocketAudio | undefined;
  /** A ping is sent this often; default never. */
  pingInterval?: number | undefined;
  /** How long the server may take to answer a ping, before the connection counts as broken; default 20,000 with `pingInterval`. */
  pingTimeout?: number | undefined;
  /** A connection on which nothing comes for so long counts as broken; default no limit. */
  idleTimeout?: number | undefined;
  /** How long the server may take to answer a close frame; default 10,000. */
  closeTimeout?: number | undefined;
}

const LIMITS = ['pingInterval', 'pingTimeout', 'idleTimeout', 'closeTimeout'] as const;
const PONG_TIMEOUT = 20_000;

/**
 * The limits among other options.
 *
 * @throws {OpenAIError} One of them is no number of milliseconds above 0, or `audio` is something that there is not.
 */
export function limits(options: SocketLimits): SocketLimits {
  const found: SocketLimits = {};
  for (const name of LIMITS) {
    const value = options[name];
    if (value === undefined) continue;
    if (typeof value !== 'number' || !(value > 0) || value === Infinity) {
      throw new OpenAIError(`The \`${name}\` option is ${String(value)}; give a number of milliseconds above 0, or leave it out.`);
    }
    found[name] = value;
  }
  const { audio } = options;
  if (audio !== undefined && audio !== 'bytes' && audio !== 'int16') {
    throw new OpenAIError(`The \`audio\` option is ${String(audio)}; give 'bytes' or 'int16', or leave it out.`);
  }
  found.audio = audio;
  if (found.pingInterval !== undefined) found.pingTimeout ??= PONG_TIMEOUT;
  return found;
}

/** Options of `ws` that nothing here can honour. */
const UNSUPPORTED = [
  'agent',
  'checkServerIdentity',
  'createConnection',
  'finishRequest',
  'localAddress',
  'lookup',
  'passphrase',
  'pfx',
  'servername',
  'socketPath',
] as const;

/** What of the options of `ws` the native transport takes. @throws {OpenAIError} One of them it cannot take. */
export function socketOptions(options: WS.ClientOptions & { [name in (typeof UNSUPPORTED)[number] | 'auth' | 'signal']?: any }) {
  const unsupported = UNSUPPORTED.find((name) => options[name] !== undefined && options[name] !== null);
  if (unsupported !== undefined) {
    throw new OpenAIError(
      `The \`options.${unsupported}\` option of a WebSocket needs the sockets of Node, which tailrace does not use; say it by ` +
        'the `transport` option of the client, or leave it out.',
    );
  }
  const { ca, cert, key, rejectUnauthorized, auth, origin, headers, signal } = options;
  const transport: TransportOptions = {};
  if (ca !== undefined) transport.ca = ca as Pem | Pem[];
  if (cert !== undefined) transport.cert = cert as Pem;
  if (key !== undefined) transport.key = key as Pem;
  if (rejectUnauthorized !== undefined) transport.rejectUnauthorized = rejectUnauthorized;
  const basic = auth ? { Authorization: `Basic ${Buffer.from(String(auth)).toString('base64')}` } : undefined;
  return {
    transport: Object.keys(transport).length === 0 ? undefined : transport,
    headers: buildHeaders([basic, headers as HeadersLike, origin === undefined ? undefined : { Origin: origin }]),
    timeout: options.handshakeTimeout,
    isFollowing: options.followRedirects ?? false,
    maxPayload: options.maxPayload,
    signal: (signal ?? undefined) as AbortSignal | undefined,
  };
}
