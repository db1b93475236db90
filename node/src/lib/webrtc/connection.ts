/** A connection over WebRTC, made with the `RTCPeerConnection` of the platform. */

import { DataChannel } from './data-channel.js';
import { WebRTCError, type WebRTCErrorPhase } from './errors.js';
import { Subscriptions } from './subscriptions.js';
import {
  type BrowserDataChannel,
  type BrowserPeerConnection,
  type WebRTCCloseReason,
  type WebRTCConfiguration,
  type WebRTCConnectOptions,
  type WebRTCConnectionEvent,
  type WebRTCDataChannel,
  type WebRTCPeerConnection,
  type WebRTCState,
} from './types.js';

/** What is under way until the connection stands. */
interface Setup {
  phase: WebRTCErrorPhase;
  /** Aborts the exchange of the caller. */
  abort: AbortController;
  isAnswered: boolean;
  resolve: () => void;
  reject: (error: WebRTCError) => void;
  /** Stops the clock, and listening to the signal of the caller. */
  release: () => void;
}

const CHANNEL = 'oai-events';
const SETUP_LIMIT = 30_000;
/** Timers of more milliseconds fire at once. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * Makes one connection, and tells and sends its events. In Node there is no `RTCPeerConnection`: put that of a package, or
 * an object with its methods, on `globalThis` first.
 */
export class WebRTCConnection<
  ClientEvent,
  ServerEvent extends {
    type: string;
  },
> {
  /** For the caller to add media to, before `connect()`. */
  declare readonly peerConnection: BrowserPeerConnection;
  declare readonly dataChannel: BrowserDataChannel;
  readonly #peer: WebRTCPeerConnection;
  readonly #adapter: DataChannel<ClientEvent, ServerEvent>;
  readonly #connectionEvents = new Subscriptions<WebRTCConnectionEvent>();
  #state: WebRTCState = 'new';
  #setup: Setup | undefined;

  /** @throws {WebRTCError} There is no `RTCPeerConnection`, or it makes no data channel. */
  constructor(configuration?: WebRTCConfiguration) {
    this.#peer = peerOf(configuration);
    const channel = channelOf(this.#peer);
    this.#adapter = new DataChannel(channel);
    this.peerConnection = this.#peer as BrowserPeerConnection;
    this.dataChannel = channel as BrowserDataChannel;
    this.#adapter.onConnectionEvent((event) => this.#onChannelEvent(event));
    this.#peer.addEventListener('connectionstatechange', this.#onPeerState);
  }

  get state(): WebRTCState {
    return this.#state;
  }

  /** Listens to events of one type, from now on; returns what ends it. @throws {WebRTCError} The connection is closed. */
  on<Type extends ServerEvent['type']>(
    type: Type,
    handler: (
      event: Extract<
        ServerEvent,
        {
          type: Type;
        }
      >,
    ) => unknown,
  ): () => void {
    return this.#adapter.on(type, handler);
  }

  /** Listens to all events of the server, its errors too; returns what ends it. @throws {WebRTCError} The connection is closed. */
  onEvent(handler: (event: ServerEvent) => unknown): () => void {
    return this.#adapter.onEvent(handler);
  }

  /** Listens to what becomes of the connection; returns what ends it. @throws {WebRTCError} The connection is closed. */
  onConnectionEvent(handler: (event: WebRTCConnectionEvent) => unknown): () => void {
    if (this.#state === 'closed') throw new WebRTCError('invalid_state', 'transport', 'The WebRTC connection is closed.');
    return this.#connectionEvents.add(handler);
  }

  /** Sends an event now. @throws {WebRTCError} The data channel is not open or does not take it. */
  send(event: ClientEvent): void {
    this.#adapter.send(event);
  }

  /**
   * Offers a connection, and waits until it stands and its channel is open; once only.
   *
   * @param options - `exchangeSdp` takes the offer to the API and brings the answer; `timeoutMs` is for all of it, 30,000
   *   unless it is said.
   * @throws {WebRTCError} In the promise: what went wrong, by its code and phase. The connection is closed then, unless
   *   the options or the call were wrong.
   */
  connect(options: WebRTCConnectOptions): Promise<void> {
    if (this.#state !== 'new') {
      return Promise.reject(wrongCall('connect() may only be called once per connection.'));
    }
    const { signal } = options;
    const timeoutMs = options.timeoutMs ?? SETUP_LIMIT;
    if (!(typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= MAX_TIMER)) {
      return Promise.reject(wrongCall('timeoutMs must be a positive finite timer duration.'));
    }
    return new Promise((resolve, reject) => {
      const onAbort = () => this.#stop('aborted', 'WebRTC setup was cancelled.', 'aborted', signal?.reason);
      signal?.addEventListener('abort', onAbort);
      const timer = setTimeout(() => this.#stop('timeout', 'WebRTC setup timed out.', 'timeout'), timeoutMs);
      const release = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const setup: Setup = { phase: 'offer', abort: new AbortController(), isAnswered: false, resolve, reject, release };
      this.#setup = setup;
      if (signal?.aborted) {
        onAbort();
        return;
      }
      this.#state = 'connecting';
      this.#connectionEvents.emit({ type: 'state.changed', state: 'connecting' });
      if (this.#setup === setup) void this.#negotiate(setup, options);
    });
  }

  /** Closes the connection; tracks of the caller go on. */
  close(): void {
    if (this.#setup !== undefined) this.#stop('aborted', 'WebRTC setup was closed by the application.', 'local');
    else this.#finish('local');
  }

  async #negotiate(setup: Setup, options: WebRTCConnectOptions): Promise<void> {
    const isOver = () => this.#setup !== setup;
    try {
      const offer = await this.#peer.createOffer();
      if (isOver()) return;
      await this.#peer.setLocalDescription(offer);
      if (isOver()) return;
      const sdp = this.#peer.localDescription?.sdp;
      if (!sdp) throw new Error('The local description has no SDP.');
      setup.phase = 'signaling';
      const answer: unknown = await options.exchangeSdp(sdp, { signal: setup.abort.signal });
      if (isOver()) return;
      if (typeof answer !== 'string' || answer === '') throw new TypeError('The SDP callback must return a nonempty string.');
      setup.phase = 'answer';
      await this.#peer.setRemoteDescription({ type: 'answer', sdp: answer });
      if (isOver()) return;
      setup.phase = 'transport';
      setup.isAnswered = true;
      this.#checkReady();
    } catch (error) {
      const code = setup.phase === 'signaling' ? 'signaling_failed' : 'negotiation_failed';
      // What comes late belongs to a connection that has ended.
      if (!isOver()) this.#stop(code, 'Could not establish the WebRTC connection.', 'failed', error);
    }
  }

  #checkReady(): void {
    const setup = this.#setup;
    const stands = this.#peer.connectionState === 'connected' && this.#adapter.dataChannel.readyState === 'open';
    if (!setup?.isAnswered || !stands) return;
    this.#setup = undefined;
    this.#state = 'connected';
    setup.release();
    this.#connectionEvents.emit({ type: 'state.changed', state: 'connected' });
    setup.resolve();
  }

  /** Ends the setup, by what stands in its way in this phase. */
  #stop(code: WebRTCError['code'], message: string, reason: WebRTCCloseReason, cause?: unknown): void {
    const setup = this.#setup as Setup;
    this.#fail(new WebRTCError(code, setup.phase, message, cause), reason);
  }

  /** Ends the setup or the connection. */
  #fail(error: WebRTCError, reason: WebRTCCloseReason): void {
    const setup = this.#setup;
    this.#setup = undefined;
    setup?.release();
    try {
      // A setup that fails is told by the promise of `connect()`.
      this.#finish(reason, setup === undefined && reason === 'failed' ? error : undefined);
    } finally {
      setup?.abort.abort(error);
      setup?.reject(error);
    }
  }

  #finish(reason: WebRTCCloseReason, error?: WebRTCError): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#peer.removeEventListener('connectionstatechange', this.#onPeerState);
    this.#adapter.dispose();
    this.#peer.close();
    if (error !== undefined) this.#connectionEvents.emit({ type: 'error', error, fatal: true });
    this.#connectionEvents.emit({ type: 'closed', reason });
    this.#connectionEvents.clear();
  }

  readonly #onPeerState = (): void => {
    const isFailed = this.#peer.connectionState === 'failed';
    if (isFailed || this.#peer.connectionState === 'closed') {
      const code = isFailed ? 'transport_failed' : 'connection_closed';
      this.#fail(new WebRTCError(code, 'transport', 'The WebRTC peer connection ended.'), isFailed ? 'failed' : 'remote');
    } else this.#checkReady();
  };

  #onChannelEvent(event: WebRTCConnectionEvent): void {
    if (event.type === 'state.changed') this.#checkReady();
    else if (event.type === 'closed') {
      this.#fail(new WebRTCError('connection_closed', 'transport', 'The data channel closed during setup.'), 'remote');
    } else if (event.error.code === 'invalid_message') this.#connectionEvents.emit(event);
    else this.#fail(event.error, 'failed');
  }
}

function peerOf(configuration: WebRTCConfiguration | undefined): WebRTCPeerConnection {
  type Maker = new (configuration?: WebRTCConfiguration) => WebRTCPeerConnection;
  const { RTCPeerConnection: Peer } = globalThis as unknown as { RTCPeerConnection?: Maker | null };
  if (Peer != null) return new Peer(configuration);
  throw new WebRTCError('unsupported_environment', 'transport', 'WebRTC requires a browser with RTCPeerConnection.');
}

function channelOf(peer: WebRTCPeerConnection): WebRTCDataChannel {
  try {
    return peer.createDataChannel(CHANNEL);
  } catch (error) {
    peer.close();
    throw new WebRTCError('negotiation_failed', 'transport', 'Could not create the WebRTC data channel.', error);
  }
}

function wrongCall(message: string): WebRTCError {
  return new WebRTCError('invalid_state', 'transport', message);
}
