/** How the sockets of connections to the API are opened. */

import type * as WS from 'ws';
import type { OpenAI, ClientOptions as OpenAIOptions } from '../client.js';
import { OpenAIError } from '../core/error.js';
import { defaultHeaders } from './client-options.js';
import { flat, layered, type Fields } from './headers.js';
import { path } from './path.js';
import { askerHeaders } from './platform.js';
import { limits, socketOptions, type SocketLimits } from './socket-options.js';
import { socketTransport } from './socket-transport.js';
import { Socket } from './websocket.js';
import { NodeWebSocket } from './ws-adapter-node.js';

/** What a class of connections does about who asks; a subclass may replace it. */
export interface Asker {
  _authHeaders: (apiKey?: string | null) => Record<string, string>;
  _usesSDKAPIKey: (authHeaders: Record<string, string>) => boolean;
  _createSocket: (url: URL, authHeaders: Record<string, string>) => NodeWebSocket;
}

/** Headers of a caller that cannot say who asks. */
const METADATA = new Set(['user-agent', 'origin', 'openai-organization', 'openai-project', 'openai-beta']);

/** Opens sockets for one connection. */
export class ApiDialer {
  readonly #client: OpenAI;
  readonly #name: string;
  readonly #options: WS.ClientOptions & SocketLimits;
  #usesKey = false;

  /** @param name - What the connection is called in messages. */
  constructor(client: OpenAI, name: string, options: (WS.ClientOptions & SocketLimits) | null | undefined) {
    this.#client = client;
    this.#name = name;
    this.#options = options ?? {};
  }

  /**
   * Opens a socket. It follows no redirect.
   *
   * @throws {OpenAIError} A function gives the key and was not asked yet, or an option is wrong; the message says which.
   */
  open(url: URL, authHeaders: Record<string, string>, asker: Asker): NodeWebSocket {
    const { _options: own } = this.#client as unknown as { _options: OpenAIOptions };
    const given = socketOptions(this.#options);
    const callers = layered([...defaultHeaders(own.defaultHeaders, own.provider == null), given.headers]);
    this.#refuseUnresolved(authHeaders, callers);
    const headers = new Map([...layered([askerHeaders(this.#client), authHeaders]), ...callers]);
    this.#usesKey = !callers.has('authorization') && asker._usesSDKAPIKey(authHeaders);
    const socket = new Socket({
      url: url.href,
      headers: flat(headers),
      protocols: [],
      transport: socketTransport(own.transport, given.transport),
      timeout: given.timeout ?? this.#client.timeout,
      isFollowing: false,
      ...given.messages,
      signal: given.signal,
      ...limits(this.#options),
    });
    return new NodeWebSocket(socket as unknown as WS.WebSocket);
  }

  /** Asks for a fresh key, if the first socket was opened with one of a function, and gives what opens a replacement. */
  async prepare(asker: Asker): Promise<(url: URL) => NodeWebSocket> {
    let key: string | null | undefined;
    if (this.#usesKey) await this.#client._callApiKey((fresh) => (key = fresh));
    const headers = asker._authHeaders(key);
    return (url) => asker._createSocket(url, headers);
  }

  /** Whether headers hold the key of the client. */
  usesKey(headers: Record<string, string>): boolean {
    const { apiKey } = this.#client;
    return apiKey !== null && Object.values(headers).some((value) => value.includes(apiKey));
  }

  #refuseUnresolved(authHeaders: Record<string, string>, callers: Fields): void {
    if (Object.keys(authHeaders).length > 0) return;
    if ([...callers].some(([name, value]) => value !== null && !METADATA.has(name))) return;
    const { _options: own } = this.#client as unknown as { _options: OpenAIOptions };
    if (own.workloadIdentity != null || own.provider != null) {
      throw new OpenAIError(
        `A ${this.#name} WebSocket takes no workload identity and no provider; use a client with an API key, or give the ` +
          '`headers` option what says who asks.',
      );
    }
    if (!this.#client._hasApiKeyProvider() || this.#client.apiKey !== null) return;
    throw new OpenAIError(
      `Cannot open a ${this.#name} WebSocket with an unresolved function-based apiKey. Resolve it before constructing the ` +
        'WebSocket or provide explicit WebSocket credentials.',
    );
  }
}

/** The header with the API key, as a record. */
export function keyHeaders(client: OpenAI, apiKey: string | null | undefined): Record<string, string> {
  const key = apiKey ?? client.apiKey;
  return key === null ? {} : { Authorization: `Bearer ${key}` };
}

/**
 * The address of a connection: parameters that the path does not name are its query.
 *
 * @param template - A path with `{name}` in it.
 * @throws {OpenAIError} A parameter of the path is missing or cannot stand there.
 */
export function connectionURL(client: OpenAI, template: string, parameters: Record<string, unknown>): URL {
  const query = { ...parameters };
  const parts: string[] = [];
  const values: unknown[] = [];
  for (const [at, part] of template.split(/[{}]/).entries()) {
    if (at % 2 === 0) parts.push(part);
    else {
      values.push(query[part]);
      delete query[part];
    }
  }
  const place = path(parts as unknown as TemplateStringsArray, ...values);
  const url = new URL(client.buildURL(place, query));
  // A base URL may have a query, which goes behind the path.
  if (url.search.includes(place)) {
    url.search = url.search.replace(place, '');
    url.pathname = url.pathname.replace(/\/$/, '') + place;
  }
  url.protocol = url.protocol.replace('http', 'ws');
  return url;
}
