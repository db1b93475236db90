/** Part of WebRTC connections: by name and type only. */

import {
  type ConnectClientEvent,
  type ConnectServerEvent as ServerEvent,
} from '../../resources/live/sideband/sideband.js';
import { WebRTCConnection } from '../webrtc/connection.js';
import { DataChannel } from '../webrtc/data-channel.js';

export { WebRTCError } from '../webrtc/errors.js';

export type { WebRTCErrorCode, WebRTCErrorPhase } from '../webrtc/errors.js';

export type {
  ExchangeSdp,
  WebRTCConnectOptions,
  WebRTCConnectionEvent,
  WebRTCConfiguration,
  WebRTCState,
} from '../webrtc/types.js';

type ClientEvent = Exclude<
  ConnectClientEvent,
  {
    type: 'session.output_audio.fixture.play' | 'transport.dtmf.send';
  }
>;

/** It needs WebRTC connections, which tailrace does not have yet: making one throws an OpenAIError. */
export class OpenAILiveWebRTC extends WebRTCConnection<ClientEvent, ServerEvent> {}

/** It needs WebRTC connections, which tailrace does not have yet: making one throws an OpenAIError. */
export class LiveDataChannel extends DataChannel<ClientEvent, ServerEvent> {}
