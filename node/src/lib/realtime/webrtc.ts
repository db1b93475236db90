/** Realtime sessions over WebRTC. */

import { type RealtimeClientEvent, type RealtimeServerEvent } from '../../resources/realtime/realtime.js';
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

/** A Realtime session over WebRTC. */
export class OpenAIRealtimeWebRTC extends WebRTCConnection<RealtimeClientEvent, RealtimeServerEvent> {}

/** The events of a Realtime session over a data channel of the caller's. */
export class RealtimeDataChannel extends DataChannel<RealtimeClientEvent, RealtimeServerEvent> {}
