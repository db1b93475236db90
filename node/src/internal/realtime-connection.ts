/** What the four classes of realtime connections have in common. */

import type * as WS from 'ws';
import type { ClientOptions as OpenAIOptions } from '../client.js';
import { OpenAIError } from '../core/error.js';
import { AzureOpenAI } from '../azure.js';
import { defaultHeaders } from './client-options.js';
import { flat, layered } from './headers.js';
import { askerHeaders } from './platform.js';
import { recoveryRules, type RealtimeRecoveryOptions } from './realtime-recovery.js';
import { limits, socketOptions, type SocketLimits } from './socket-options.js';
import { socketTransport } from './socket-transport.js';
import { StandardSocket } from './standard-websocket.js';
import { Socket, type SocketCounters } from './websocket.js';
import { WebSocketConnection } from './ws-connection-controller.js';
import type { ReconnectingEvent, UnsentMessage } from './ws.js';
import { X509Auth } from './x509.js';

/** A client, or what looks enough like one. */
export interface RealtimeClient {
  apiKey: string | null;
  baseURL: string;
  _callApiKey?: (capture?: (apiKey: string | null) => void) => Promise<boolean>;
  _hasApiKeyProvider?: () => boolean;
  _workloadIdentityAuth?: { getToken(): Promise<string> } | undefined;
  organization?: string | null;
  project?: string | null;
  timeout?: number;
}

/** What a constructor gets beside the target. */
export interface ConnectionProps extends RealtimeRecoveryOptions, SocketLimits {
  options?: WS.ClientOptions | undefined;
  onURL?: (url: URL) => void;
  __resolvedApiKey?: boolean;
  __apiKey?: string | null;
}

interface Key {
  value: string | null;
  /** Whether a function gave it. */
  isToken: boolean;
}

/** What a class of connections does when something happens. */
export interface RealtimeHooks<T> {
  /** Builds the address again, for each attempt. */
  url: () => URL;
  isBeta: boolean;
  emit: (event: string, ...values: unknown[]) => void;
  /** A server's error event, or what went wrong here. */
  failed: (event: unknown, message?: string, cause?: unknown) => void;
  closed: (code: number, reason: string, unsent: UnsentMessage<T>[]) => void;
}

/** The parts of a connection that its user sees. */
interface Owner {
  socket: unknown;
  url: URL;
}

const DEFAULT_TIMEOUT = 600_000;

/**
 * @throws {Error} A function or an identity gives the key, which a constructor cannot ask.
 * @throws {OpenAIError} A certificate does, whose tokens go nowhere without it.
 */
export function refuseProvider(client: RealtimeClient, props: ConnectionProps): void {
  refuseCertificate(client);
  if (client._workloadIdentityAuth !== undefined && !props.__resolvedApiKey) {
    throw new OpenAIError(
      'A Realtime WebSocket with `workloadIdentity` needs a token first; open it by the .create() method of its class.',
    );
  }
  if (props.__resolvedApiKey || !client._hasApiKeyProvider?.()) return;
  throw new Error(
    'Cannot open Realtime WebSocket with a function-based apiKey.\n' +
      'Use the .create() method so that the key is resolved before connecting.',
  );
}

function refuseCertificate(client: RealtimeClient): void {
  if (!(client._workloadIdentityAuth instanceof X509Auth)) return;
  throw new OpenAIError('WebSockets cannot be opened with an X.509 credential; use a client with an API key.');
}

/** The key of a client, as the parts of a constructor's props. */
export async function resolvedKey(client: RealtimeClient): Promise<Pick<ConnectionProps, '__apiKey' | '__resolvedApiKey'>> {
  const { value, isToken } = await currentKey(client);
  return isToken ? { __apiKey: value, __resolvedApiKey: true } : {};
}

/** The same for a client of Azure. @throws {Error} There is none. */
export async function azureKey(client: RealtimeClient): Promise<Pick<ConnectionProps, '__apiKey' | '__resolvedApiKey'>> {
  const { value, isToken } = await currentKey(client);
  if (!value) throw new Error('Azure OpenAI Realtime requires an API key');
  return { __apiKey: value, __resolvedApiKey: isToken };
}

async function currentKey(client: RealtimeClient): Promise<Key> {
  refuseCertificate(client);
  const identity = client._workloadIdentityAuth;
  if (identity !== undefined) return { value: await identity.getToken(), isToken: true };
  let value: string | null | undefined;
  const isToken = (await client._callApiKey?.((fresh) => (value = fresh))) ?? false;
  return { value: value === undefined ? client.apiKey : value, isToken };
}

/** A connection by headers, as `ws` makes them, or as browsers do, by subprotocols. */
export class RealtimeConnection<T> {
  readonly #owner: Owner;
  readonly #hooks: RealtimeHooks<T>;
  /** Only of a connection that is made again. */
  readonly #recovery: WebSocketConnection<T> | undefined;

  /** @throws {Error} An option is wrong; the message says which. */
  constructor(
    owner: Owner,
    client: RealtimeClient,
    props: ConnectionProps,
    isStandard: boolean,
    hooks: RealtimeHooks<T>,
  ) {
    this.#owner = owner;
    this.#hooks = hooks;
    const rules = recoveryRules(props);
    const open = dialer(client, props, isStandard, hooks.isBeta);
    const key = { value: props.__apiKey ?? client.apiKey, isToken: props.__resolvedApiKey ?? false };
    const url = hooks.url();
    props.onURL?.(url);
    const { socket, shown } = open(url, key);
    owner.url = shown;
    owner.socket = socket;
    if (rules === undefined) {
      socket.receiver = (value, error) => this.#receive(value, error);
      socket.on('error', (error: Error) => hooks.failed(null, error.message, error));
      return;
    }
    let next = shown;
    this.#recovery = new WebSocketConnection<T>(socket, rules, {
      open: async () => {
        const fresh = await currentKey(client);
        const opened = open(hooks.url(), fresh);
        next = opened.shown;
        return opened.socket;
      },
      replaced: (replacement) => {
        owner.socket = replacement;
        owner.url = next;
      },
      receive: (value, error) => this.#receive(value, error),
      failed: (message, cause) => hooks.failed(null, message, cause),
      reconnecting: (event: ReconnectingEvent) => hooks.emit('reconnecting', event),
      reconnected: () => hooks.emit('reconnected'),
      closed: (code, reason, unsent) => hooks.closed(code, reason, unsent),
    });
    Object.defineProperty(owner, '_recovery', { value: this.#recovery, enumerable: true, configurable: true, writable: true });
  }

  send(event: unknown, isRaw = false): void {
    if (this.#recovery !== undefined) {
      this.#recovery.send(event, isRaw);
      return;
    }
    try {
      (this.#owner.socket as Socket).send(JSON.stringify(event));
    } catch (error) {
      this.#hooks.failed(null, 'could not send data', error);
    }
  }

  close(props: { code: number; reason: string } | undefined): void {
    const code = props?.code ?? 1000;
    const reason = props?.reason ?? 'OK';
    if (this.#recovery !== undefined) {
      this.#recovery.close(code, reason);
      return;
    }
    try {
      (this.#owner.socket as Socket).close(code, reason);
    } catch (error) {
      this.#hooks.failed(null, 'could not close the connection', error);
    }
  }

  /** What its socket has counted; nothing before it is open. */
  counters(): SocketCounters | undefined {
    return (this.#owner.socket as Socket).counters();
  }

  flushPending(): void {
    this.#recovery?.flushPending();
  }

  takePending(): UnsentMessage<T>[] {
    return this.#recovery?.takePending() ?? [];
  }

  #receive(value: unknown, broken: Error | undefined): void {
    const problem = broken === undefined ? unlikeAnEvent(value) : new SyntaxError(NO_JSON);
    if (problem !== undefined) {
      this.#hooks.failed(null, 'could not parse websocket event', problem);
      return;
    }
    const { type } = value as { type: string };
    this.#hooks.emit('event', value);
    if (type === 'error') this.#hooks.failed(value);
    else this.#hooks.emit(type, value);
  }
}

const NO_JSON = 'Could not parse Realtime WebSocket event data as JSON.';

/**
 * The value of an event's text.
 *
 * @throws {SyntaxError} It is no JSON; the message does not repeat it.
 */
export function parsedEvent(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new SyntaxError(NO_JSON);
  }
}

function unlikeAnEvent(value: unknown): Error | undefined {
  if (typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string') return undefined;
  return new TypeError('Realtime WebSocket event must be an object with a string type.');
}

/** What an error event or a failure says. */
export function errorText(event: unknown, message: string | undefined): string {
  const error = (event as { error?: Record<string, unknown> } | null)?.error;
  if (!error) return message || 'unknown error';
  const { message: text, code, param, type, event_id: eventId } = error;
  return `${String(text)} code=${String(code)} param=${String(param)} type=${String(type)} event_id=${String(eventId)}`;
}

/** What is said of an error that nobody listens to. */
export const UNHEARD =
  '\n\nTo resolve these unhandled rejection errors you should bind an `error` callback, e.g. ' +
  "`rt.on('error', (error) => ...)` ";

function dialer(client: RealtimeClient, props: ConnectionProps, isStandard: boolean, isBeta: boolean) {
  const options = props.options ?? {};
  const isAzure = client instanceof AzureOpenAI;
  const given = socketOptions(options);
  const { _options: own } = client as { _options?: OpenAIOptions };
  const transport = socketTransport(own?.transport, given.transport);
  const timeout = given.timeout ?? client.timeout ?? DEFAULT_TIMEOUT;
  return (url: URL, key: Key): { socket: Socket; shown: URL } => {
    const credential = isAzure ? azureCredential(key) : { Authorization: key.value === null ? undefined : `Bearer ${key.value}` };
    const { isFollowing, messages, signal } = given;
    const opening = { url: url.href, transport, timeout, isFollowing, ...limits(props), ...messages, signal };
    if (isStandard) {
      const shown = new URL(url);
      for (const name of isAzure ? Object.keys(credential) : []) shown.searchParams.set(name, '<REDACTED>');
      const { 'User-Agent': agent } = askerHeaders(client);
      const headers = flat(layered([{ 'User-Agent': agent }, isAzure ? credential : undefined]));
      return { socket: new StandardSocket({ ...opening, headers, protocols: protocols(client, key, isAzure, isBeta) }), shown };
    }
    const isNamed = !isAzure || props.__apiKey !== undefined;
    const fields = layered([
      askerHeaders(client),
      isNamed ? credential : undefined,
      isBeta ? { 'OpenAI-Beta': 'realtime=v1' } : undefined,
      ...(own === undefined ? [] : defaultHeaders(own.defaultHeaders, own.provider == null)),
      given.headers,
    ]);
    return { socket: new Socket({ ...opening, headers: flat(fields), protocols: [] }), shown: url };
  };
}

function azureCredential({ value, isToken }: Key): Record<string, string> {
  return isToken ? { Authorization: `Bearer ${value}` } : { 'api-key': String(value) };
}

function protocols(client: RealtimeClient, key: Key, isAzure: boolean, isBeta: boolean): string[] {
  const names = ['realtime'];
  if (!isAzure) {
    if (key.value !== null) names.push(`openai-insecure-api-key.${key.value}`);
    if (client.organization) names.push(`openai-organization.${client.organization}`);
    if (client.project) names.push(`openai-project.${client.project}`);
  }
  if (isBeta) names.push('openai-beta.realtime-v1');
  return names;
}
