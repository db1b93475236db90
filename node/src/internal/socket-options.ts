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

/** How a socket is opened. */
export interface Opening extends SocketLimits {
  url: string;
  /** Names and values by turns. */
  headers: (string | null)[];
  /** Proposed, the best first. */
  protocols: string[];
  transport: TransportOptions | null | undefined;
  /** For the handshake, in milliseconds. */
  timeout: number;
  /** Whether redirects to the same origin are followed. */
  isFollowing: boolean;
  /** The most bytes of one message that comes. */
  maxMessageBytes?: number | undefined;
  /** The compression that the server is asked for, as the header `Sec-WebSocket-Extensions` has it. */
  deflate?: string | undefined;
  /** Messages of fewer bytes go as they are where each would be deflated by itself. */
  deflateThreshold?: number | undefined;
  /** As what sound is told. */
  audio?: SocketAudio | undefined;
  /** Gives the handshake up. */
  signal?: AbortSignal | undefined;
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

const DEFLATE = 'permessage-deflate';
/** `threshold` of `ws`. */
const THRESHOLD = 1024;

/** What is asked for by `perMessageDeflate` of `ws`: by default nothing. @throws {OpenAIError} A window has no such size. */
function compression(wanted: WS.ClientOptions['perMessageDeflate']): Pick<Opening, 'deflate' | 'deflateThreshold'> {
  if (!wanted) return {};
  const given = wanted === true ? {} : wanted;
  const { serverMaxWindowBits: server, clientMaxWindowBits: client = true as true | number } = given;
  for (const [name, bits] of Object.entries({ serverMaxWindowBits: server, clientMaxWindowBits: client })) {
    if (!bits || bits === true || (Number.isInteger(bits) && bits >= 8 && bits <= 15)) continue;
    throw new OpenAIError(`The \`options.perMessageDeflate.${name}\` option is ${String(bits)}; give 8 to 15, or leave it out.`);
  }
  const parts = [
    DEFLATE,
    given.serverNoContextTakeover && 'server_no_context_takeover',
    given.clientNoContextTakeover && 'client_no_context_takeover',
    server && `server_max_window_bits=${server}`,
    client && (client === true ? 'client_max_window_bits' : `client_max_window_bits=${client}`),
  ];
  return { deflate: parts.filter(Boolean).join('; '), deflateThreshold: given.threshold ?? THRESHOLD };
}

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
    messages: { maxMessageBytes: options.maxPayload, ...compression(options.perMessageDeflate) },
    signal: (signal ?? undefined) as AbortSignal | undefined,
  };
}
