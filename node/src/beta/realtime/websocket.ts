/** Part of WebSocket connections: by name and type only. */

import { type AzureOpenAI } from '../../index.js';
import { type OpenAI } from '../../index.js';
import { type RealtimeClientEvent } from '../../resources/beta/realtime/realtime.js';
import { OpenAIRealtimeEmitter } from './internal-base.js';
import { type RealtimeConnectionConfig } from './internal-base.js';
import { later } from '../../internal/later.js';

type _WebSocket = typeof globalThis extends {
  WebSocket: infer ws extends abstract new (...args: any) => any;
}
  ? InstanceType<ws>
  : any;

/** It needs WebSocket connections, which tailrace does not have yet: making one throws an OpenAIError. */
export class OpenAIRealtimeWebSocket extends OpenAIRealtimeEmitter {
  declare url: URL;
  declare socket: _WebSocket;
  constructor(
    props: RealtimeConnectionConfig & {
      dangerouslyAllowBrowser?: boolean;
      onURL?: (url: URL) => void;
      __resolvedApiKey?: boolean;
      __apiKey?: string | null;
    },
    client?: Pick<OpenAI, 'apiKey' | 'baseURL'>,
  );
  constructor(...values: any[]) {
    super(...(values as ConstructorParameters<typeof OpenAIRealtimeEmitter>));
    throw later('OpenAIRealtimeWebSocket', 'WebSocket connections');
  }
  static create(
    client: Pick<OpenAI, 'apiKey' | 'baseURL' | '_callApiKey'>,
    props: RealtimeConnectionConfig & {
      dangerouslyAllowBrowser?: boolean;
    },
  ): Promise<OpenAIRealtimeWebSocket>;
  static create(): never {
    throw later('OpenAIRealtimeWebSocket.create', 'WebSocket connections');
  }
  static azure(
    client: Pick<AzureOpenAI, '_callApiKey' | 'apiVersion' | 'apiKey' | 'baseURL' | 'deploymentName'>,
    options?: {
      deploymentName?: string;
      dangerouslyAllowBrowser?: boolean;
    },
  ): Promise<OpenAIRealtimeWebSocket>;
  static azure(): never {
    throw later('OpenAIRealtimeWebSocket.azure', 'WebSocket connections');
  }
  override send(event: RealtimeClientEvent): void;
  override send(): never {
    throw later('OpenAIRealtimeWebSocket.send', 'WebSocket connections');
  }
  override close(props?: { code: number; reason: string }): void;
  override close(): never {
    throw later('OpenAIRealtimeWebSocket.close', 'WebSocket connections');
  }
}
