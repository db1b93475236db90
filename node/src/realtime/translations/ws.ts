/** Part of WebSocket connections: by name and type only. */

import type * as WS from 'ws';
import { type OpenAI } from '../../client.js';
import { EventEmitter } from '../../lib/EventEmitter.js';
import { type NodeWebSocket } from '../../internal/ws-adapter-node.js';
import {
  type ClientEvent as RealtimeTranslationClientEvent,
  type ServerEvent as RealtimeTranslationServerEvent,
} from '../../resources/realtime/translations/websocket-binding.js';
import { type OpenAIRealtimeError } from '../internal-base.js';
import { later } from '../../internal/later.js';

export interface RealtimeTranslationEvent {
  type: string;
  [key: string]: unknown;
}

export interface RealtimeTranslationConnectOptions {
  model: string;
  options?:
    | (Omit<WS.ClientOptions, 'headers'> & {
        headers?: Record<string, string | null | undefined> | undefined;
      })
    | undefined;
}

type TranslationEvents = {
  event: (event: RealtimeTranslationServerEvent | RealtimeTranslationEvent) => void;
  error: (error: OpenAIRealtimeError) => void;
} & {
  [Type in Exclude<RealtimeTranslationServerEvent['type'], 'error'>]: (
    event: Extract<
      RealtimeTranslationServerEvent,
      {
        type: Type;
      }
    >,
  ) => void;
};

/** It needs WebSocket connections, which tailrace does not have yet: making one throws an OpenAIError. */
export class OpenAIRealtimeTranslationWS extends EventEmitter<TranslationEvents> {
  declare readonly socket: NodeWebSocket;
  declare readonly url: URL;
  declare readonly session: {
    close: () => void;
  };
  static create(client: OpenAI, props: RealtimeTranslationConnectOptions): Promise<OpenAIRealtimeTranslationWS>;
  static create(): never {
    throw later('OpenAIRealtimeTranslationWS.create', 'WebSocket connections');
  }
  send(event: RealtimeTranslationClientEvent | RealtimeTranslationEvent | string): void;
  send(): never {
    throw later('OpenAIRealtimeTranslationWS.send', 'WebSocket connections');
  }
  finish({ timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined }): Promise<void>;
  finish(): never {
    throw later('OpenAIRealtimeTranslationWS.finish', 'WebSocket connections');
  }
  close(): void;
  close(): never {
    throw later('OpenAIRealtimeTranslationWS.close', 'WebSocket connections');
  }
}
