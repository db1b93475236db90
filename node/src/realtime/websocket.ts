/** Realtime connections with the interface of browsers. */

import { type UnsentMessage } from '../internal/ws.js';
import { type AzureOpenAI } from '../index.js';
import { OpenAI } from '../index.js';
import {
  type RealtimeClientEvent,
  type ResponseCreateEventWithReferencesParam,
} from '../resources/realtime/realtime.js';
import { buildRealtimeURL, getAzureRealtimeConnection, OpenAIRealtimeEmitter } from './internal-base.js';
import { type AzureRealtimeConnectionConfig, type RealtimeConnectionConfig } from './internal-base.js';
import {
  azureKey,
  RealtimeConnection,
  refuseProvider,
  resolvedKey,
} from '../internal/realtime-connection.js';
import type { SocketLimits } from '../internal/socket-options.js';
import type { SocketCounters } from '../internal/websocket.js';

type _WebSocket = typeof globalThis extends {
  WebSocket: infer ws extends abstract new (...args: any) => any;
}
  ? InstanceType<ws>
  : any;

/**
 * A connection. What it is told stands in `event` and in an event of its type; `error` tells what went wrong, and is an
 * unhandled rejection when nobody listens to it.
 */
export class OpenAIRealtimeWebSocket extends OpenAIRealtimeEmitter {
  /** Where it leads, without credentials. */
  url!: URL;
  /** The connection underneath, a new one each time it is made again. */
  socket!: _WebSocket;
  readonly #connection: RealtimeConnection<RealtimeClientEvent>;

  /** @throws {Error} The client's key comes from a function, or an option is wrong. */
  constructor(
    props: RealtimeConnectionConfig & SocketLimits & {
      dangerouslyAllowBrowser?: boolean;
      onURL?: (url: URL) => void;
      __resolvedApiKey?: boolean;
      __apiKey?: string | null;
    },
    client?: Pick<OpenAI, 'apiKey' | 'baseURL'>,
  ) {
    super();
    const asker = client ?? new OpenAI();
    refuseProvider(asker, props);
    this.#connection = new RealtimeConnection<RealtimeClientEvent>(this, asker, props, true, {
      url: () => buildRealtimeURL(asker, props),
      isBeta: false,
      emit: (event, ...values) => (this._emit as (...all: unknown[]) => void)(event, ...values),
      failed: (event, message, cause) =>
        (this._onError as (...all: unknown[]) => void)(event, message, cause),
      closed: (code, reason, unsent) => this._emit('close', code, reason, unsent),
    });
  }

  /** Opens one, with a key that a function of the client may give. */
  static async create(
    client: Pick<OpenAI, 'apiKey' | 'baseURL' | '_callApiKey'>,
    props: RealtimeConnectionConfig & SocketLimits & {
      dangerouslyAllowBrowser?: boolean;
    },
  ): Promise<OpenAIRealtimeWebSocket> {
    return new OpenAIRealtimeWebSocket({ ...props, ...(await resolvedKey(client)) }, client);
  }

  /**
   * Opens one to a deployment of Azure, a transcription or a call.
   *
   * @throws {Error} There is no key or no deployment.
   */
  static async azure(
    client: Pick<AzureOpenAI, '_callApiKey' | 'apiVersion' | 'apiKey' | 'baseURL' | 'deploymentName'>,
    options: AzureRealtimeConnectionConfig & SocketLimits & {
      dangerouslyAllowBrowser?: boolean;
    } = {},
  ): Promise<OpenAIRealtimeWebSocket> {
    const { dangerouslyAllowBrowser, ...target } = options;
    const connection = getAzureRealtimeConnection(client, target);
    const props = { ...connection, ...(await azureKey(client)), dangerouslyAllowBrowser: dangerouslyAllowBrowser ?? false };
    return new OpenAIRealtimeWebSocket(props, client as AzureOpenAI);
  }

  /** Sends an event. What goes wrong is told as an `error`. */
  override send(event: RealtimeClientEvent): void {
    this.#connection.send(event);
  }

  /** Sends a `response.create` whose input may name items; one that is not sent is handed back as its text. */
  sendResponseCreate(event: ResponseCreateEventWithReferencesParam): void {
    this.#connection.send(event, true);
  }

  /** Sends what was queued while there was no connection. */
  flushPending(): void {
    this.#connection.flushPending();
  }

  /** Takes out what was queued while there was no connection. */
  takePending(): UnsentMessage<RealtimeClientEvent>[] {
    return this.#connection.takePending();
  }

  /** What its socket has counted; nothing before it is open. */
  counters(): SocketCounters | undefined {
    return this.#connection.counters();
  }

  /** Closes the connection; with 1000 and `OK` if nothing else is said. */
  override close(props?: { code: number; reason: string }): void {
    this.#connection.close(props);
  }
}
