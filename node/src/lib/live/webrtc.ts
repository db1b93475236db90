/** Live sessions over WebRTC. */

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

/** A Live session over WebRTC. */
export class OpenAILiveWebRTC extends WebRTCConnection<ClientEvent, ServerEvent> {}

/** The events of a Live session over a data channel of the caller's. */
export class LiveDataChannel extends DataChannel<ClientEvent, ServerEvent> {}
