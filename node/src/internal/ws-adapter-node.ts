/** A socket with the interface of the package `ws`, as the connections of the API use it. */

import type * as WS from 'ws';
import type { SocketCounters } from './websocket.js';
import type { WebSocketLike } from './ws-adapter.js';

type Listener = (...values: any[]) => void;

/** Tells text as text, bytes as a `Buffer` and the reason of a close frame as text. */
export class NodeWebSocket implements WebSocketLike {
  readonly #socket: WS.WebSocket;
  /** By event and listener: what stands in for it, the latest last. */
  readonly #wrapped = new Map<string, Map<Listener, Listener[]>>();

  constructor(socket: WS.WebSocket) {
    this.#socket = socket;
  }

  /** The socket underneath. */
  get platformSocket(): WS.WebSocket {
    return this.#socket;
  }

  /** 0 while it connects, 1 open, 2 closing, 3 closed. */
  get readyState(): number {
    return this.#socket.readyState;
  }

  /** What the connection has counted; nothing before it is open, and with a socket that does not count. */
  counters(): SocketCounters | undefined {
    return (this.#socket as { counters?: () => SocketCounters | undefined }).counters?.();
  }

  /** @throws {Error} The connection is not open yet. */
  send(data: string | ArrayBufferLike | ArrayBufferView): void {
    this.#socket.send(data as string);
  }

  /** @throws {Error} The code may not be sent, or the reason is too long. */
  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  on(event: string, listener: Listener): void {
    this.#add(event, listener, adapted(event, listener));
  }

  once(event: string, listener: Listener): void {
    const told = adapted(event, listener);
    const once = (...values: unknown[]) => {
      this.#remove(event, listener, once);
      told(...values);
    };
    this.#add(event, listener, once);
  }

  off(event: string, listener: Listener): void {
    const latest = this.#wrapped.get(event)?.get(listener)?.at(-1);
    if (latest !== undefined) this.#remove(event, listener, latest);
  }

  #add(event: string, listener: Listener, wrapped: Listener): void {
    const known = this.#wrapped.get(event) ?? new Map<Listener, Listener[]>();
    known.set(listener, [...(known.get(listener) ?? []), wrapped]);
    this.#wrapped.set(event, known);
    this.#socket.on(event, wrapped);
  }

  #remove(event: string, listener: Listener, wrapped: Listener): void {
    const known = this.#wrapped.get(event);
    const left = known?.get(listener)?.filter((each) => each !== wrapped) ?? [];
    if (left.length > 0) known?.set(listener, left);
    else known?.delete(listener);
    this.#socket.off(event, wrapped);
  }
}

function adapted(event: string, listener: Listener): Listener {
  if (event === 'message') return (data: unknown, isBinary = false) => listener(message(data, isBinary as boolean), isBinary);
  if (event === 'close') return (code: number, reason: unknown = '') => listener(code, String(reason));
  return (...values) => listener(...values);
}

function message(data: unknown, isBinary: boolean): string | Buffer {
  if (typeof data === 'string') return data;
  const whole = Array.isArray(data) ? Buffer.concat(data as Buffer[]) : Buffer.from(data as Uint8Array);
  return isBinary ? whole : whole.toString();
}
