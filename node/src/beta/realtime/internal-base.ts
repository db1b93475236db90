/** What all beta realtime connections are, and where they lead. */

import {
  type RealtimeClientEvent,
  type RealtimeServerEvent,
  type ErrorEvent,
} from '../../resources/beta/realtime/realtime.js';
import { EventEmitter } from '../../lib/EventEmitter.js';
import { OpenAIError } from '../../error.js';
import type OpenAI from '../../index.js';
import { AzureOpenAI } from '../../index.js';
import { errorText, parsedEvent, UNHEARD } from '../../internal/realtime-connection.js';

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
  error?: ErrorEvent.Error | undefined;
  /** Of the server's event. */
  event_id?: string | undefined;

  constructor(message: string, event: ErrorEvent | null) {
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
  protected _onError(event: ErrorEvent, message?: string | undefined): void;
  protected _onError(event: ErrorEvent | null, message?: string, cause?: unknown): void {
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

export type RealtimeConnectionConfig =
  | {
      model: string;
      callID?: undefined;
    }
  | {
      model?: undefined;
      callID: string;
    };

/**
 * The address of a connection.
 *
 * @throws {Error} There is not exactly one target, or one that the beta of Azure does not have.
 */
export function buildRealtimeURL(
  client: Pick<OpenAI, 'apiKey' | 'baseURL'>,
  connection: string | RealtimeConnectionConfig,
): URL {
  const { model, callID } = typeof connection === 'string' ? { model: connection } : connection;
  const url = new URL(client.baseURL);
  url.protocol = 'wss:';
  url.pathname = `${url.pathname.replace(/\/$/, '')}/realtime`;
  if (Boolean(model) === Boolean(callID)) {
    throw new Error('Pass exactly one of `model` or `callID` when opening a Realtime WebSocket.');
  }
  if (isAzure(client)) {
    if (callID) throw new Error('Azure `callID` connections require the stable Realtime helpers.');
    url.searchParams.set('api-version', client.apiVersion);
    url.searchParams.set('deployment', String(model));
  } else if (model) url.searchParams.set('model', model);
  else url.searchParams.set('call_id', String(callID));
  return url;
}
