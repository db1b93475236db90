/** Beta realtime connections with the interface of the package `ws`. */

import type * as WS from 'ws';
import { type AzureOpenAI } from '../../index.js';
import { OpenAI } from '../../index.js';
import { type RealtimeClientEvent } from '../../resources/beta/realtime/realtime.js';
import { buildRealtimeURL, OpenAIRealtimeEmitter } from './internal-base.js';
import { type RealtimeConnectionConfig } from './internal-base.js';
import {
  azureKey,
  RealtimeConnection,
  refuseProvider,
  resolvedKey,
  type ConnectionProps,
} from '../../internal/realtime-connection.js';
import type { SocketLimits } from '../../internal/socket-options.js';
import type { SocketCounters } from '../../internal/websocket.js';

/**
 * A connection. What it is told stands in `event` and in an event of its type; `error` tells what went wrong, and is an
 * unhandled rejection when nobody listens to it.
 */
export class OpenAIRealtimeWS extends OpenAIRealtimeEmitter {
  /** Where it leads. */
  url!: URL;
  /** The connection underneath, a new one each time it is made again. */
  socket!: WS.WebSocket;
  readonly #connection: RealtimeConnection<RealtimeClientEvent>;

  /** @throws {Error} The client's key comes from a function, or an option is wrong. */
  constructor(
    props: RealtimeConnectionConfig & SocketLimits & {
      options?: WS.ClientOptions | undefined;
      __resolvedApiKey?: boolean;
      __apiKey?: string | null;
    },
    client?: Pick<OpenAI, 'apiKey' | 'baseURL'>,
  ) {
    super();
    const asker = client ?? new OpenAI();
    refuseProvider(asker, props);
    this.#connection = new RealtimeConnection<RealtimeClientEvent>(this, asker, stable(props), false, {
      url: () => buildRealtimeURL(asker, props),
      isBeta: true,
      emit: (event, ...values) => (this._emit as (...all: unknown[]) => void)(event, ...values),
      failed: (event, message, cause) =>
        (this._onError as (...all: unknown[]) => void)(event, message, cause),
      closed: () => {},
    });
  }

  /** Opens one, with a key that a function of the client may give. */
  static async create(
    client: Pick<OpenAI, 'apiKey' | 'baseURL' | '_callApiKey'>,
    props: RealtimeConnectionConfig & SocketLimits & {
      options?: WS.ClientOptions | undefined;
    },
  ): Promise<OpenAIRealtimeWS> {
    return new OpenAIRealtimeWS({ ...props, ...(await resolvedKey(client)) }, client);
  }

  /**
   * Opens one to a deployment of Azure.
   *
   * @throws {Error} There is no key or no deployment.
   */
  static async azure(
    client: Pick<AzureOpenAI, '_callApiKey' | 'apiVersion' | 'apiKey' | 'baseURL' | 'deploymentName'>,
    props: SocketLimits & {
      deploymentName?: string;
      options?: WS.ClientOptions | undefined;
    } = {},
  ): Promise<OpenAIRealtimeWS> {
    const { deploymentName = client.deploymentName, ...rest } = props;
    if (!deploymentName) throw new Error('No deployment name provided');
    return new OpenAIRealtimeWS({ ...rest, ...(await azureKey(client)), model: deploymentName }, client as AzureOpenAI);
  }

  /** Sends an event. What goes wrong is told as an `error`. */
  override send(event: RealtimeClientEvent): void {
    this.#connection.send(event);
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

/** The beta has no recovery. */
function stable(props: ConnectionProps): ConnectionProps {
  return { ...props, reconnect: false };
}
