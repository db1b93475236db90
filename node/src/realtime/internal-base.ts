/** Part of WebSocket connections: by name and type only. */

import { type RealtimeRecoveryOptions } from '../internal/realtime-recovery.js';
import { type ReconnectingEvent, type UnsentMessage } from '../internal/ws.js';
import {
  type RealtimeClientEvent,
  type RealtimeServerEvent,
  type RealtimeErrorEvent,
  type RealtimeError,
} from '../resources/realtime/realtime.js';
import { EventEmitter } from '../lib/EventEmitter.js';
import { OpenAIError } from '../error.js';
import type OpenAI from '../index.js';
import { type AzureOpenAI } from '../index.js';
import { later } from '../internal/later.js';

export function parseRealtimeEvent(data: string): RealtimeServerEvent;
export function parseRealtimeEvent(): never {
  throw later('parseRealtimeEvent', 'WebSocket connections');
}

/** It needs WebSocket connections, which tailrace does not have yet: making one throws an OpenAIError. */
export class OpenAIRealtimeError extends OpenAIError {
  declare name: string;
  declare error?: RealtimeError | undefined;
  declare event_id?: string | undefined;
  constructor(message: string, event: RealtimeErrorEvent | null);
  constructor(...values: any[]) {
    super(...(values as ConstructorParameters<typeof OpenAIError>));
    throw later('OpenAIRealtimeError', 'WebSocket connections');
  }
}

type Simplify<T> = {
  [KeyType in keyof T]: T[KeyType];
} & {};

type RealtimeEvents = Simplify<
  {
    event: (event: RealtimeServerEvent) => void;
    reconnecting: (event: ReconnectingEvent) => void;
    reconnected: () => void;
    close: (code: number, reason: string, unsent: UnsentMessage<RealtimeClientEvent>[]) => void;
    error: (error: OpenAIRealtimeError) => void;
  } & {
    [EventType in Exclude<RealtimeServerEvent['type'], 'error'>]: (
      event: Extract<
        RealtimeServerEvent,
        {
          type: EventType;
        }
      >,
    ) => unknown;
  }
>;

/** It needs WebSocket connections, which tailrace does not have yet: making one throws an OpenAIError. */
export abstract class OpenAIRealtimeEmitter extends EventEmitter<RealtimeEvents> {
  abstract send(event: RealtimeClientEvent): void;
  abstract close(props?: { code: number; reason: string }): void;
  protected _onError(event: null, message: string, cause: any): void;
  protected _onError(event: RealtimeErrorEvent, message?: string | undefined): void;
  protected _onError(): never {
    throw later('OpenAIRealtimeEmitter._onError', 'WebSocket connections');
  }
}

export function isAzure(client: Pick<OpenAI, 'apiKey' | 'baseURL'>): client is AzureOpenAI;
export function isAzure(): never {
  throw later('isAzure', 'WebSocket connections');
}

interface RealtimeURLBuilderOptions extends RealtimeRecoveryOptions {
  buildRealtimeURL?: (client: Pick<OpenAI, 'apiKey' | 'baseURL'>, connection: RealtimeConnectionConfig) => URL;
}

export type RealtimeConnectionConfig =
  | (RealtimeURLBuilderOptions & {
      model: string;
      intent?: undefined;
      callID?: undefined;
    })
  | (RealtimeURLBuilderOptions & {
      intent: 'transcription';
      model?: undefined;
      callID?: undefined;
    })
  | (RealtimeURLBuilderOptions & {
      model?: undefined;
      intent?: undefined;
      callID: string;
    });

export type AzureRealtimeConnectionConfig =
  | (RealtimeURLBuilderOptions & {
      deploymentName?: string;
      intent?: undefined;
      callID?: undefined;
    })
  | (RealtimeURLBuilderOptions & {
      intent: 'transcription';
      deploymentName?: undefined;
      callID?: undefined;
    })
  | (RealtimeURLBuilderOptions & {
      deploymentName?: undefined;
      intent?: undefined;
      callID: string;
    });

export function buildRealtimeURL(
  client: Pick<OpenAI, 'apiKey' | 'baseURL'>,
  connection: string | RealtimeConnectionConfig,
): URL;
export function buildRealtimeURL(): never {
  throw later('buildRealtimeURL', 'WebSocket connections');
}

export function getAzureRealtimeConnection(
  client: Pick<AzureOpenAI, 'deploymentName'>,
  connection: AzureRealtimeConnectionConfig,
): RealtimeConnectionConfig;
export function getAzureRealtimeConnection(): never {
  throw later('getAzureRealtimeConnection', 'WebSocket connections');
}
