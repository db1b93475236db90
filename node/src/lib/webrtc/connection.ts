/** Part of WebRTC connections: by name and type only. */

import {
  type BrowserDataChannel,
  type BrowserPeerConnection,
  type WebRTCConfiguration,
  type WebRTCConnectOptions,
  type WebRTCConnectionEvent,
  type WebRTCState,
} from './types.js';
import { later } from '../../internal/later.js';

/** It needs WebRTC connections, which tailrace does not have yet: making one throws an OpenAIError. */
export class WebRTCConnection<
  ClientEvent,
  ServerEvent extends {
    type: string;
  },
> {
  declare readonly peerConnection: BrowserPeerConnection;
  declare readonly dataChannel: BrowserDataChannel;
  constructor(configuration?: WebRTCConfiguration);
  constructor(..._values: any[]) {
    throw later('WebRTCConnection', 'WebRTC connections');
  }
  get state(): WebRTCState {
    throw later('WebRTCConnection.state', 'WebRTC connections');
  }
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
  ): () => void;
  on(): never {
    throw later('WebRTCConnection.on', 'WebRTC connections');
  }
  onEvent(handler: (event: ServerEvent) => unknown): () => void;
  onEvent(): never {
    throw later('WebRTCConnection.onEvent', 'WebRTC connections');
  }
  onConnectionEvent(handler: (event: WebRTCConnectionEvent) => unknown): () => void;
  onConnectionEvent(): never {
    throw later('WebRTCConnection.onConnectionEvent', 'WebRTC connections');
  }
  send(event: ClientEvent): void;
  send(): never {
    throw later('WebRTCConnection.send', 'WebRTC connections');
  }
  connect(options: WebRTCConnectOptions): Promise<void>;
  connect(): never {
    throw later('WebRTCConnection.connect', 'WebRTC connections');
  }
  close(): void;
  close(): never {
    throw later('WebRTCConnection.close', 'WebRTC connections');
  }
}
