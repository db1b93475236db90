/**
 * The native addon: where it is, what it offers, and one message when it is missing.
 *
 * This file is CommonJS in both builds, because an addon is loaded with `require` and a path beside this file.
 */

import fs = require('node:fs');
import path = require('node:path');

/** Collects what is ready in this environment and calls `drain`, until `take` is called, once for all of it. */
export interface Hub {
  /** What became ready, as a batch; see `batch.ts`. */
  take(): string;
  /** Tells streams to deliver with {@link Hub.take} what comes next; gives what has come already. */
  arm(ids: Uint32Array): string;
}

/** {@link Client.request}: the body is read before the call settles. */
export const BUFFERED = 0;
/** {@link Client.request}: as {@link UNDECIDED}, for events; a caller who decides about retries gets them at the first. */
export const EVENTS = 1;
/** {@link Client.request}: the body is handed on as it comes. */
export const CHUNKS = 2;
/** {@link Client.request}: the call settles at the head, and the body is read when it is asked for. */
export const UNDECIDED = 3;

/** {@link Client.request}: every response is accepted, and nothing is said about retries. */
export const ANY_STATUS = 1;

/** {@link Sink.push}: taken, and there is room for more. */
export const ROOM = 0;
/** {@link Sink.push}: taken; the sink announces itself when there is room again. */
export const FULL = 1;
/** {@link Sink.push}: not taken; the body is sent again from its beginning. */
export const AGAIN = 2;
/** {@link Sink.push}: not taken; nobody reads any more. */
export const OVER = 3;

/** Bytes that are pushed while a request is sent. */
export interface Sink {
  /** {@link ROOM}, {@link FULL}, {@link AGAIN} or {@link OVER}. */
  push(bytes: Uint8Array): number;
  /** The end of the bytes: {@link ROOM}, {@link AGAIN} or {@link OVER}. */
  end(): number;
  /** There will be no more bytes; the call fails. */
  fail(message: string): void;
}

/** A body of fields. `null` as a content type or file name leaves it out. */
export interface Multipart {
  text(name: string, value: string): void;
  bytes(name: string, filename: string | null, contentType: string | null, content: Uint8Array): void;
  /** @param length - In bytes; `null` when it is not known. */
  sink(name: string, filename: string | null, contentType: string | null, sink: Sink, length: number | null): void;
}

/** Starts calls. */
export interface Client {
  /**
   * Starts a call, which announces itself at `hub` as `id` once it has settled. Bad options settle it with a failure.
   *
   * @param query - JSON text of an object.
   * @param headers - Names and values by turns, in rising precedence; a `null` value removes the header.
   * @param timeoutMs - Covers one attempt, in milliseconds.
   * @param mode - One of {@link BUFFERED}, {@link EVENTS}, {@link CHUNKS} and {@link UNDECIDED}.
   * @param renews - Whether the call asks for headers before each attempt after the first, by {@link Pending.needsHeaders}.
   * @param followRedirects - Otherwise a redirect is a failure of its status.
   * @param eachMs - In place of `timeoutMs`: connect, read, write, pool, first byte, idle and total.
   * @param deadlineMs - For the whole call, a stream included.
   * @param replaces - Whether it also asks, once, when they were refused with 401.
   * @param relayed - Whether each attempt is an {@link Exchange}.
   * @param accepts - {@link ANY_STATUS}, or left out for success only.
   * @param retry - Other pauses, and a part of the caller in each retry, by {@link Pending.proposal}.
   */
  request(
    hub: Hub,
    id: number,
    method: string,
    baseURL: string,
    path: string,
    query: string | null,
    headers: (string | null)[],
    body: string | Uint8Array | Multipart | Sink | null,
    timeoutMs: number,
    maxRetries: number,
    mode: number,
    renews: boolean,
    followRedirects: boolean,
    eachMs: (number | null)[] | null,
    deadlineMs: number | null,
    replaces: boolean,
    retry?: RetryRules | null,
    signer?: Signer | null,
    relayed?: boolean,
    accepts?: number,
  ): Pending;
  /**
   * Opens a WebSocket: a call whose reply has {@link Reply.socket}.
   *
   * @param headers - Names and values by turns; those of the handshake itself are added.
   * @param bounds - Bytes and messages kept for the reader, bytes kept to be sent, and of one message; milliseconds of the close
   *   handshake, between pings, until a pong and without any message; bytes below which a message that would be deflated by itself
   *   is not. `null` or left out for the default.
   * @param deflate - The compression that is asked for, as `Sec-WebSocket-Extensions` has it.
   */
  connect(
    hub: Hub,
    id: number,
    baseURL: string,
    path: string,
    query: string | undefined,
    headers: (string | null)[],
    timeoutMs: number,
    followRedirects: boolean,
    bounds: (number | null)[],
    deflate?: string,
  ): Pending;
}

/** {@link WebSocket.pull}: the connection has ended. */
export const CLOSED = 0;
/** {@link WebSocket.pull}: a message of bytes is next. */
export const BINARY = 1;
/** {@link WebSocket.pull}: a text that no batch holds is next. */
export const TEXT = 2;

/** {@link WebSocket.pull}: a pong came. */
export const PONG = 3;

/** {@link WebSocket.send}: taken. */
export const QUEUED = 0;
/** {@link WebSocket.send}: not taken, for want of room. */
export const QUEUE_FULL = 1;

/** An open connection, which announces itself as its call did. */
export interface WebSocket {
  /** A batch of text messages; `null` for nothing now; or one of {@link CLOSED}, {@link BINARY}, {@link TEXT} and {@link PONG}. */
  pull(): string | number | null;
  /** Has everything be pulled from here on, or not: after `null` the hub delivers what {@link WebSocket.pull} would have given. */
  hold(isHeld: boolean): void;
  text(): string | null;
  bytes(): Uint8Array | null;
  /** From here on decodes the member that follows in `members` what `tag` says of a message, in whole units of so many bytes. */
  decode(tag: string, members: string[], unit: number): void;
  /** What was decoded of the batch or the text that was taken last; once. */
  blocks(): SocketBlock[];
  /** {@link QUEUED}, {@link QUEUE_FULL}, or 2 when the connection is closed or closing. */
  send(data: string | Uint8Array): number;
  /** Sends at most 125 bytes before all that waits; says what `send` says. Its pong is announced as what comes is. */
  ping(data: Uint8Array): number;
  /** The data of the pong that came. */
  pong(): Uint8Array | null;
  /** Announces `id` once there is room, or the connection has ended. */
  notifyRoom(id: number): void;
  /** Closes after all that is queued; false for a code that may not be sent. 1005 sends none. */
  close(id: number, code: number, reason: string): boolean;
  /** Closes the socket at once. */
  abort(): void;
  /** JSON text of {@link SocketEnd}, once the connection has ended. */
  closed(): string | null;
  /** Messages that were taken and never sent, once the connection has ended; once. */
  unsent(): (string | Uint8Array)[];
  /** JSON text of counters. */
  counters(): string;
}

/** Bytes of the message at a place of a batch, whose member has an empty text for them. */
export interface SocketBlock {
  at: number;
  member: number;
  data: Uint8Array;
}

/** What {@link WebSocket.closed} holds; a close frame is its code and its reason. */
export interface SocketEnd {
  received: [number, string] | null;
  sent: [number, string] | null;
  error: FailureData | null;
}

/** Credentials of AWS for one service in one region; nothing of them can be read back. */
export interface Signer {
  readonly signer?: never;
}

/** The token of an identity. */
export interface Credentials {
  /** The token that has not expired, and whether it is to be replaced and nobody is at it. */
  token(): { token: string; isDue: boolean } | null;
  /** Starts a call that settles to {@link Pending.token}; `relayed`: its requests are sent by the caller. */
  start(client: Client, hub: Hub, id: number, timeoutMs: number, maxRetries: number, relayed: boolean): Pending;
  /** Gives up this token. */
  refuse(token: string): void;
  /** Gives up whatever token there is, also one that is on its way. */
  discard(): void;
}

/** A call in flight. */
export interface Pending {
  /** The outcome, once. */
  take(): Reply | Failure | null;
  /** Whether the next attempt waits for {@link Pending.renew}. */
  needsHeaders(): boolean;
  /** Whether it does because the server refused those of the last. */
  isRefused(): boolean;
  /** The token of a call for one, once. */
  token(): string | null;
  /** Whether a call for a token waits for {@link Pending.subject}. */
  needsSubject(): boolean;
  /** Gives what is exchanged. */
  subject(token: string): void;
  /** Merges names and values by turns into the headers and goes on. */
  renew(headers: (string | null)[], signer?: Signer): void;
  /** The attempt that the caller has to make, which announces itself as `id`; `null` when there is none. */
  exchange(id: number): Exchange | null;
  /** The first of them, which is not announced. */
  begin(id: number): Exchange | null;
  /** The retry that it asks about, once. */
  proposal(): Proposal | null;
  /** Milliseconds before that retry, `null` for none; goes on. */
  decide(delayMs: number | null): void;
  /** Closes the socket. */
  cancel(): void;
}

/**
 * One request to send by a `fetch` of the caller's. It announces itself when there is room, when nobody wants more, and when
 * there is more to send.
 */
export interface Exchange {
  /** JSON text of `method`, `url` and `headers` as pairs. */
  request(): string;
  /** The next bytes to send; `null` to wait, {@link ENDED} or {@link FAILED}. */
  part(): Uint8Array | number | null;
  /** The head of the answer, headers as names and values by turns; false when nobody wants it. */
  head(status: number, headers: string[], url: string): boolean;
  /** {@link ROOM}, {@link FULL} or {@link OVER}. */
  push(bytes: Uint8Array): number;
  /** The body of the answer is whole. */
  end(): void;
  /** All of the answer at once; true if the hub has something to take. */
  whole(status: number, headers: string[], url: string, body: Uint8Array | null): boolean;
  /** The exchange broke off. */
  fail(message: string, timedOut: boolean): void;
  /** Whether nobody wants more. */
  isOver(): boolean;
}

/** An attempt that failed and may be repeated. */
export interface Proposal {
  readonly delayMs: number;
  /** What the call would fail with, once. */
  failure(): Failure | null;
}

/** A retry policy of the caller's. */
export interface RetryRules {
  initialMs: number;
  maxMs: number;
  /** Whether the caller is told of each retry (1) or decides it (2); 0 for neither. */
  asked: number;
  /** Paths of members of a failure's body. */
  places: string[][];
  /** The text that rules a retry out at one of them. */
  ruledOut?: string;
}

/** A response. */
export interface Reply {
  /** JSON text of a {@link Head}. */
  head(): string;
  /** The whole body as text. */
  text(): string;
  /** The whole body. */
  bytes(): Uint8Array;
  /** {@link Addon.vectors} of the whole body. */
  vectors(list: string, vector: string, index: string): Vectors | string;
  /** The events of a streamed reply, once. */
  events(): EventStream | null;
  /** The pieces of a body that is handed on as it comes, once. */
  chunks(): EventStream | null;
  /** The connection that an answer of 101 has opened, once. */
  socket(): WebSocket | null;
}

/** Why a text is no instance of a schema. */
export interface Violation {
  /** JSON pointer into the text. */
  pointer: string;
  /** In bytes of UTF-8. */
  offset: number;
  /** One sentence. */
  reason: string;
  /** JSON pointer into the schema; empty when the text is no JSON. */
  schemaPath: string;
}

/** A compiled JSON schema. */
export interface Schema {
  /** The violation of a whole text, if there is one. */
  violation(text: string): Violation | null;
  /** The start of a text that arrives in pieces. */
  prefix(): Prefix;
}

/** A text so far. After a violation each call gives it again. */
export interface Prefix {
  /** Takes the next characters; the violation if no text that begins so is valid. */
  push(text: string): Violation | null;
  /** Says that nothing follows; the violation if the text is not valid. */
  finish(): Violation | null;
}

/** The vectors of an answer. */
export interface Vectors {
  /** The 32-bit floats in the byte order of this machine, row after row; once. */
  bytes(): Uint8Array;
  rows(): number;
  dimensions(): number;
  /** JSON text of the answer with its list empty. */
  rest(): string;
}

/** What {@link Reply.head} holds. */
export interface Head {
  status: number;
  reason: string;
  url: string;
  headers: [string, string][];
  retries: number;
  method: string | null;
  asked: string | null;
}

/** A failure as data. */
export interface Failure {
  /** JSON text of {@link FailureData}. */
  data(): string;
  /** The response of a `status` failure. */
  reply(): Reply | null;
}

/** What {@link Failure.data} holds. */
export interface FailureData {
  code: string;
  message: string;
  /** Of `timed_out`: what the call was doing. */
  phase: 'pool' | 'connect' | 'headers' | 'body' | 'retry' | null;
  /** Of `timed_out`: the limit that passed, as Rust writes its name. */
  limit: string | null;
  /** Of `timed_out`: that limit in seconds. */
  allowed: number | null;
  /** Of `timed_out`: events of the stream that came before. */
  events: number;
  causes: string[];
  attempts: number;
  /** In seconds. */
  elapsed: number;
  /** For a failure that ended an event stream. */
  received: Received | null;
}

/** What of an event stream had arrived. */
export interface Received {
  events: number;
  /** Of data. */
  bytes: number;
  first: [name: string, data: string] | null;
  last: [name: string, data: string] | null;
}

/** {@link EventStream.pull}: the stream has ended. */
export const ENDED = 0;
/** {@link EventStream.pull}: an event whose name has a meaning is next. */
export const NAMED = 1;
/** {@link EventStream.pull}: the stream broke off. */
export const FAILED = 2;

/** The events of one response. */
export interface EventStream {
  /**
   * A batch with one segment; `null` when there is nothing now, and then the stream announces itself once there is; or one of
   * {@link ENDED}, {@link NAMED} and {@link FAILED}.
   *
   * @param whole - No event is taken apart.
   */
  pull(whole: boolean): string | number | null;
  /** The same for a reply of {@link CHUNKS}, whose pieces are bytes. */
  bytes(): Uint8Array | number | null;
  /** Name and data of the event that {@link EventStream.pull} called {@link NAMED}. */
  named(): [string, string] | null;
  /** Why the stream broke off, once. */
  failure(): Failure | null;
  /**
   * How the stream ended, once its end was pulled: by the end mark, in order and without the mark, by a break, or because
   * it was closed; `null` before.
   */
  ended(): 'done' | 'input' | 'broken' | 'closed' | null;
  /** JSON text of a {@link Received}: what had arrived when the stream ended by itself. */
  received(): string;
  /** Closes the socket at once and drops what is queued. */
  close(): void;
}

/** Tells what JSON text that goes on says; `partial.rs` has the operations. */
export interface JsonEdits {
  /** JSON of an array of edits; null when the piece is nothing but the next characters of the string that is open. */
  push(piece: string): string | null;
}

/** Finds the elements of one array of JSON text that goes on. */
export interface JsonElements {
  /** JSON text of each element that the piece ends. */
  push(piece: string): string[];
}

/** One piece of a transcript, in milliseconds of the session. */
export interface TranscriptPiece {
  isUser: boolean;
  text: string;
  start: number;
  end: number;
}

/** A segment of a transcript as it is now. */
export interface TranscriptTurn extends TranscriptPiece {
  id: number;
  previous: number | null;
  /** Why it is closed, if it is. */
  reason?: 'speaker_change' | 'inactivity' | 'timestamp_reset' | 'session_closed' | 'manual';
}

/** Turns of a transcript by the times of its session alone. */
export interface Turns {
  isUser(): boolean | null;
  process(pieces: TranscriptPiece[]): TranscriptTurn[];
  advance(time: number, hasIncomingUser: boolean): TranscriptTurn[];
  deadline(): number | null;
  close(time: number, reason: string): TranscriptTurn[];
}

/** A transcript; `now` is milliseconds of a clock that never goes back. */
export interface Transcript {
  push(piece: TranscriptPiece, now: number): TranscriptTurn[];
  finish(reason: string, now: number): TranscriptTurn[];
  tick(now: number): TranscriptTurn[];
  /** After so many milliseconds `tick` has something to do. */
  delay(now: number): number | null;
}

/** Decodes server-sent events out of bytes that came another way. */
export interface EventDecoder {
  /** Name and data of each event that `bytes` complete. */
  feed(bytes: Uint8Array): [string, string][];
  /** The event that the end of input completes. */
  finish(): [string, string][];
  /** Whether the end mark was read. */
  isDone(): boolean;
}

/** The embedded test server. */
export interface MockServer {
  readonly url: string;
  script(script: string): string;
  requests(baseURL: string): string;
  connections(baseURL: string): string;
  stop(): void;
}

/** How a {@link MockServer} is started; times in milliseconds. */
export interface MockOptions {
  host?: string | undefined;
  port?: number | undefined;
  intervalMs?: number | undefined;
  chunks?: number | undefined;
  chunkBytes?: number | undefined;
  batch?: number | undefined;
}

/** Why a schema has no strict form. */
export interface StrictFault {
  kind: string;
  message: string;
}

/** Settings of connections, checked. */
export interface Transport {
  readonly isTransport?: never;
}

/** What {@link Transport} is made of; `transport.rs` says what each means. */
export interface NativeTransportOptions {
  roots: Buffer | undefined;
  moreRoots: Buffer | undefined;
  verify: boolean;
  certificate: Buffer | undefined;
  key: Buffer | undefined;
  proxy: string | undefined;
  noProxy: string | undefined;
  /** Whom to trust at the other end of TLS with the proxy, which is shown no certificate. */
  proxyTrust: Pick<NativeTransportOptions, 'roots' | 'moreRoots'> | undefined;
  useEnvProxies: boolean;
  maxIdle: number | undefined;
  idleMs: number | undefined;
  http2: boolean;
  maxDecodedBytes: number | undefined;
}

/** What the addon exports. */
export interface Addon {
  version(): string;
  errorCodes(): string[];
  /** Panics in Rust, so that a test can see what a panic becomes. */
  provokePanic(): void;
  /** The vectors of a body, or one sentence that says why there are none; the names are those of the list and its members. */
  vectors(body: Uint8Array, list: string, vector: string, index: string): Vectors | string;
  /** Blocks until what open WebSockets took is with the system, at most so many seconds; whether all of it is. */
  sendRest(seconds: number): boolean;
  /** The strict form of a JSON schema as text, or why it has none. */
  strictSchema(schema: string): string | StrictFault;
  Hub: new (drain: () => void) => Hub;
  Credentials: new (
    url: string,
    subjectTokenType: string | null,
    fields: string[],
    asksSubject: boolean,
    aheadSeconds: number,
    bearerOnly: boolean,
  ) => Credentials;
  /** @param maxConnections - The most at once; without, there is no limit. */
  Client: new (useEnvProxies: boolean, transport?: Transport, maxConnections?: number) => Client;
  EventDecoder: new () => EventDecoder;
  JsonEdits: new () => JsonEdits;
  JsonElements: new (path: string[]) => JsonElements;
  MockServer: new (options: MockOptions) => MockServer;
  /** @throws {Error} The text is no JSON schema, or beyond a limit. */
  Schema: new (json: string) => Schema;
  /** Limits are separation, silence, the longest backchannel and its isolation, in milliseconds. */
  Transcript: new (limits: number[], acknowledgments: string[]) => Transcript;
  Turns: new (limits: number[], acknowledgments: string[]) => Turns;
  /** @throws {Error} Something cannot be used; the message says what. */
  Transport: new (options: NativeTransportOptions) => Transport;
  Signer: new (accessKey: string, secretKey: string, token: string | null, region: string, service: string) => Signer;
  Sink: new (hub: Hub, id: number, isReplayable: boolean) => Sink;
  /** @param isStreaming - Writes names as the official package does for a body that is read while it is sent. */
  Multipart: new (boundary: string, isStreaming: boolean) => Multipart;
}

/** The package, as seen from `node/dist/<format>/internal`. */
const PACKAGE = path.join(__dirname, '..', '..', '..', '..');

let loaded: Addon | undefined;

/**
 * The native addon, loaded when it is first needed.
 *
 * @throws {Error} There is none for this platform, or it cannot be loaded; the message says what to do.
 */
export function addon(): Addon {
  return (loaded ??= load());
}

function load(): Addon {
  const platform = `${process.platform}-${process.arch}`;
  // The first is what a build in a clone makes for its own machine, the second what a published package holds.
  const names = ['tailrace.node', `tailrace.${platform}.node`];
  const file = names
    .map((name) => path.join(PACKAGE, 'node', 'native', name))
    .find((candidate) => fs.existsSync(candidate));
  if (file === undefined) {
    throw new Error(
      `tailrace has no native addon for ${platform} (Node ${process.versions.node}): install the package again on this ` +
        'machine, or build it in a clone of the project with `cargo xtask demo`.',
    );
  }
  let found: Addon;
  try {
    found = require(file) as Addon;
  } catch (cause) {
    throw new Error(
      `The native addon of tailrace for ${platform} cannot be loaded by Node ${process.versions.node}; install the ` +
        'package again on this machine, so that it fits the system and its C library.',
      { cause },
    );
  }
  const { version } = require(path.join(PACKAGE, 'package.json')) as { version: string };
  if (found.version() !== version) {
    throw new Error(
      `The native addon of tailrace is version ${found.version()} and the package around it ${version}; install the ` +
        'package again, or build both in a clone of the project with `cargo xtask demo`.',
    );
  }
  return found;
}
