/** Part of WebSocket connections: by name and type only. */

import { type UnsentMessage } from '../internal/ws.js';
import type * as WS from 'ws';
import { type AzureOpenAI } from '../index.js';
import { type OpenAI } from '../index.js';
import {
  type RealtimeClientEvent,
  type ResponseCreateEventWithReferencesParam,
} from '../resources/realtime/realtime.js';
import { OpenAIRealtimeEmitter } from './internal-base.js';
import { type AzureRealtimeConnectionConfig, type RealtimeConnectionConfig } from './internal-base.js';
import { later } from '../internal/later.js';

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
    props?: AzureRealtimeConnectionConfig & {
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
  sendResponseCreate(event: ResponseCreateEventWithReferencesParam): void;
  sendResponseCreate(): never {
    throw later('OpenAIRealtimeWS.sendResponseCreate', 'WebSocket connections');
  }
  flushPending(): void;
  flushPending(): never {
    throw later('OpenAIRealtimeWS.flushPending', 'WebSocket connections');
  }
  takePending(): UnsentMessage<RealtimeClientEvent>[];
  takePending(): never {
    throw later('OpenAIRealtimeWS.takePending', 'WebSocket connections');
  }
  override close(props?: { code: number; reason: string }): void;
  override close(): never {
    throw later('OpenAIRealtimeWS.close', 'WebSocket connections');
  }
}
