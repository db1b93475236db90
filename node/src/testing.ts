/** A server to test against, without a network or a key. */

import { addon, type MockOptions, type MockServer as NativeServer } from './internal/native.cjs';

/** Options of a {@link MockServer}. Times are in milliseconds. */
export interface MockServerOptions extends MockOptions {
  /** A name or address of this machine; default `127.0.0.1`. */
  host?: string | undefined;
  /** Default 0: the system chooses. */
  port?: number | undefined;
  /** The pause before each piece of a stream; default 0. */
  intervalMs?: number | undefined;
}

/** Kept from the garbage collector: a test often keeps no more of a server than its address. */
const running = new Set<MockServer>();

/**
 * A server on a thread of its own that answers like the API and misbehaves by script.
 *
 * It runs until {@link MockServer.stop} or the end of the process, which it does not hold up.
 */
export class MockServer {
  readonly #native: NativeServer;

  /** Starts the server. @throws {Error} The address cannot be bound. */
  constructor(options: MockServerOptions = {}) {
    this.#native = new (addon().MockServer)({ ...options });
    running.add(this);
  }

  /** The base URL of a model that answers plausibly: `http://127.0.0.1:PORT/v1`. */
  get url(): string {
    return this.#native.url;
  }

  /**
   * Starts a script and gives its base URL.
   *
   * @param script - An object in the script format, or its JSON text.
   * @throws {Error} The script is wrong; the message names the place.
   */
  script(script: object | string): string {
    return this.#native.script(typeof script === 'string' ? script : JSON.stringify(script));
  }

  /** What was received below a base URL, oldest first. */
  requests(baseURL: string = this.url): unknown[] {
    return JSON.parse(this.#native.requests(baseURL)) as unknown[];
  }

  /** The connections that carried those requests, and who closed them. */
  connections(baseURL: string = this.url): unknown[] {
    return JSON.parse(this.#native.connections(baseURL)) as unknown[];
  }

  /** Closes every connection and frees the port. Safe to call twice. */
  stop(): void {
    running.delete(this);
    this.#native.stop();
  }
}
