/** Part of WebSocket connections: by name and type only. */

import type * as WS from 'ws';
import { type AzureOpenAI } from '../../index.js';
import { type OpenAI } from '../../index.js';
import { type RealtimeClientEvent } from '../../resources/beta/realtime/realtime.js';
import { OpenAIRealtimeEmitter } from './internal-base.js';
import { type RealtimeConnectionConfig } from './internal-base.js';
import { later } from '../../internal/later.js';

/** It needs WebSocket connections, which tailrace does not have yet: making one throws an OpenAIError. */
export class OpenAIRealtimeWS extends OpenAIRealtimeEmitter {
  declare url: URL;
  declare socket: WS.WebSocket;
  constructor(
    props: RealtimeConnectionConfig & {
      options?: WS.ClientOptions | undefined;
      __resolvedApiKey?: boolean;
      __apiKey?: string | null;
    },
    client?: Pick<OpenAI, 'apiKey' | 'baseURL'>,
  );
  constructor(...values: any[]) {
    super(...(values as ConstructorParameters<typeof OpenAIRealtimeEmitter>));
    throw later('OpenAIRealtimeWS', 'WebSocket connections');
  }
  static create(
    client: Pick<OpenAI, 'apiKey' | 'baseURL' | '_callApiKey'>,
    props: RealtimeConnectionConfig & {
      options?: WS.ClientOptions | undefined;
    },
  ): Promise<OpenAIRealtimeWS>;
  static create(): never {
    throw later('OpenAIRealtimeWS.create', 'WebSocket connections');
  }
  static azure(
    client: Pick<AzureOpenAI, '_callApiKey' | 'apiVersion' | 'apiKey' | 'baseURL' | 'deploymentName'>,
    props?: {
      deploymentName?: string;
      options?: WS.ClientOptions | undefined;
    },
  ): Promise<OpenAIRealtimeWS>;
  static azure(): never {
    throw later('OpenAIRealtimeWS.azure', 'WebSocket connections');
  }
  override send(event: RealtimeClientEvent): void;
  override send(): never {
    throw later('OpenAIRealtimeWS.send', 'WebSocket connections');
  }
  override close(props?: { code: number; reason: string }): void;
  override close(): never {
    throw later('OpenAIRealtimeWS.close', 'WebSocket connections');
  }
}
