/** Part of WebRTC connections: by name and type only. */

import { type BrowserDataChannel, type WebRTCConnectionEvent, type WebRTCDataChannel } from './types.js';
import { later } from '../../internal/later.js';

/** It needs WebRTC connections, which tailrace does not have yet: making one throws an OpenAIError. */
export class DataChannel<
  ClientEvent,
  ServerEvent extends {
    type: string;
  },
> {
  declare readonly dataChannel: BrowserDataChannel;
  constructor(channel: WebRTCDataChannel);
  constructor(..._values: any[]) {
    throw later('DataChannel', 'WebRTC connections');
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
    throw later('DataChannel.on', 'WebRTC connections');
  }
  onEvent(handler: (event: ServerEvent) => unknown): () => void;
  onEvent(): never {
    throw later('DataChannel.onEvent', 'WebRTC connections');
  }
  onConnectionEvent(handler: (event: WebRTCConnectionEvent) => unknown): () => void;
  onConnectionEvent(): never {
    throw later('DataChannel.onConnectionEvent', 'WebRTC connections');
  }
  send(event: ClientEvent): void;
  send(): never {
    throw later('DataChannel.send', 'WebRTC connections');
  }
  dispose(): void;
  dispose(): never {
    throw later('DataChannel.dispose', 'WebRTC connections');
  }
}
