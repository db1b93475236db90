/** What all realtime connections are, and where they lead. */

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
import { AzureOpenAI } from '../index.js';
import { errorText, parsedEvent, UNHEARD } from '../internal/realtime-connection.js';

/**
 * The event that a text holds.
 *
 * @throws {SyntaxError} It is no JSON; the message does not repeat it.
 */
export function parseRealtimeEvent(data: string): RealtimeServerEvent {
  return parsedEvent(data) as RealtimeServerEvent;
}

/** What the server calls an error, or what went wrong with a connection. */
export class OpenAIRealtimeError extends OpenAIError {
  override name = 'OpenAIRealtimeError';
  /** What the server says of it. */
  error?: RealtimeError | undefined;
  /** Of the server's event. */
  event_id?: string | undefined;

  constructor(message: string, event: RealtimeErrorEvent | null) {
    super(message);
    this.error = event?.error;
    this.event_id = event?.event_id;
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

/** Tells events by type; each of them as `event` first. Without a listener for `error`, one is an unhandled rejection. */
export abstract class OpenAIRealtimeEmitter extends EventEmitter<RealtimeEvents> {
  abstract send(event: RealtimeClientEvent): void;
  abstract close(props?: { code: number; reason: string }): void;
  protected _onError(event: null, message: string, cause: any): void;
  protected _onError(event: RealtimeErrorEvent, message?: string | undefined): void;
  protected _onError(event: RealtimeErrorEvent | null, message?: string, cause?: unknown): void {
    const isHeard = this._hasListener('error');
    const error = new OpenAIRealtimeError(errorText(event, message) + (isHeard ? '' : UNHEARD), event);
    error.cause = cause;
    if (isHeard) this._emit('error', error);
    else void Promise.reject(error);
  }
}

/** Whether a client is one of Azure. */
export function isAzure(client: Pick<OpenAI, 'apiKey' | 'baseURL'>): client is AzureOpenAI {
  return client instanceof AzureOpenAI;
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

/**
 * The address of a connection.
 *
 * @throws {Error} There is not exactly one target, or `buildRealtimeURL` gives an address that is not secure.
 */
export function buildRealtimeURL(
  client: Pick<OpenAI, 'apiKey' | 'baseURL'>,
  connection: string | RealtimeConnectionConfig,
): URL {
  const config: RealtimeConnectionConfig = typeof connection === 'string' ? { model: connection } : connection;
  const { model, intent, callID, buildRealtimeURL: build } = config;
  const isRight = [model, intent, callID].filter(Boolean).length === 1 && (intent === undefined || intent === 'transcription');
  if (!isRight) {
    throw new Error(
      'Pass exactly one of `model`, `callID`, or transcription `intent` when opening a Realtime WebSocket.',
    );
  }
  if (build !== undefined) {
    const url = new URL(build(client, config));
    if (url.protocol !== 'wss:') throw new Error('Custom Realtime WebSocket URLs must use the wss: protocol.');
    return url;
  }
  const url = new URL(client.baseURL);
  url.protocol = 'wss:';
  url.pathname = url.pathname.replace(/\/$/, '');
  if (isAzure(client)) {
    url.search = '';
    if (!url.pathname.endsWith('/v1')) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1`;
  }
  url.pathname = `${url.pathname.replace(/\/$/, '')}/realtime`;
  if (model) url.searchParams.set('model', model);
  else if (callID) url.searchParams.set('call_id', callID);
  else url.searchParams.set('intent', 'transcription');
  return url;
}

/**
 * The target of a connection to Azure: the client's deployment, if nothing else is named.
 *
 * @throws {Error} Targets exclude each other, or there is none.
 */
export function getAzureRealtimeConnection(
  client: Pick<AzureOpenAI, 'deploymentName'>,
  connection: AzureRealtimeConnectionConfig,
): RealtimeConnectionConfig {
  const { deploymentName, intent, callID, ...rest } = connection;
  const named = [deploymentName, intent, callID].filter((target) => target !== undefined);
  if (named.length > 1 || (intent !== undefined && intent !== 'transcription')) {
    throw new Error(
      'Pass exactly one of `deploymentName`, `callID`, or transcription `intent` when opening an Azure Realtime WebSocket.',
    );
  }
  if (callID !== undefined) return { ...rest, callID };
  if (intent !== undefined) return { ...rest, intent };
  const model = deploymentName === undefined ? client.deploymentName : deploymentName;
  if (!model) throw new Error('No deployment name provided');
  return { ...rest, model };
}
