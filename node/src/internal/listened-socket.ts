/** The two ways in which sockets tell events: by arguments, as those of Node do, and by objects, as those of browsers. */

import { EventEmitter } from 'node:events';

/** What a connection that ended without a close frame says. */
export const ABNORMAL = 1006;

/** What an event of a socket carries, beside its type. */
export interface SocketEvent {
  type: string;
  target: ListenedSocket;
  [field: string]: unknown;
}
type SocketListener = ((event: SocketEvent) => void) | { handleEvent: (event: SocketEvent) => void };

/** What the arguments of an event are called where listeners take one object. */
const FIELDS: Record<string, (values: unknown[]) => Record<string, unknown>> = {
  open: () => ({}),
  message: ([data, isBinary]) => ({ data: isBinary === true ? data : String(data) }),
  close: ([code, reason]) => ({ code, reason: String(reason), wasClean: code !== ABNORMAL }),
  error: ([error]) => ({ error, message: (error as Error).message }),
};

/** Tells events by {@link EventEmitter.on}, and as objects by `addEventListener` and `onopen` and its kin. */
export class ListenedSocket extends EventEmitter {
  binaryType = 'nodebuffer';
  readonly #handlers = new Map<string, (event: SocketEvent) => void>();
  readonly #wrapped = new Map<string, Map<SocketListener, (...values: unknown[]) => void>>();

  get onopen() {
    return this.#handlers.get('open') ?? null;
  }

  set onopen(listener: ((event: SocketEvent) => void) | null) {
    this.#handle('open', listener);
  }

  get onmessage() {
    return this.#handlers.get('message') ?? null;
  }

  set onmessage(listener: ((event: SocketEvent) => void) | null) {
    this.#handle('message', listener);
  }

  get onclose() {
    return this.#handlers.get('close') ?? null;
  }

  set onclose(listener: ((event: SocketEvent) => void) | null) {
    this.#handle('close', listener);
  }

  get onerror() {
    return this.#handlers.get('error') ?? null;
  }

  set onerror(listener: ((event: SocketEvent) => void) | null) {
    this.#handle('error', listener);
  }

  /** Adds a listener that gets one object; one that is there is not added again. */
  addEventListener(type: string, listener: SocketListener | null, options?: { once?: boolean } | boolean): void {
    const fields = FIELDS[type];
    const known = this.#wrapped.get(type) ?? new Map<SocketListener, (...values: unknown[]) => void>();
    if (listener == null || fields === undefined || known.has(listener)) return;
    const isOnce = typeof options === 'object' && options.once === true;
    const wrapped = (...values: unknown[]) => {
      if (isOnce) this.removeEventListener(type, listener);
      const event: SocketEvent = { type, target: this, ...fields(this.adapted(type, values)) };
      if (typeof listener === 'function') listener.call(this, event);
      else listener.handleEvent(event);
    };
    known.set(listener, wrapped);
    this.#wrapped.set(type, known);
    this.on(type, wrapped);
  }

  removeEventListener(type: string, listener: SocketListener | null): void {
    const known = this.#wrapped.get(type);
    const wrapped = listener == null ? undefined : known?.get(listener);
    if (wrapped === undefined) return;
    known?.delete(listener as SocketListener);
    this.off(type, wrapped);
  }

  /** Values of an event as `addEventListener` tells them. */
  protected adapted(type: string, values: unknown[]): unknown[] {
    if (type !== 'message' || values[1] !== true || this.binaryType !== 'arraybuffer') return values;
    const bytes = values[0] as Buffer;
    return [bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength), true];
  }

  #handle(type: string, listener: ((event: SocketEvent) => void) | null): void {
    const before = this.#handlers.get(type);
    if (before !== undefined) this.removeEventListener(type, before);
    this.#handlers.delete(type);
    if (typeof listener !== 'function') return;
    this.#handlers.set(type, listener);
    this.addEventListener(type, listener);
  }
}
