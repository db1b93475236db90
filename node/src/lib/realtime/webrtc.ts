/** Part of WebRTC connections: by name and type only. */

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

/** It needs WebRTC connections, which tailrace does not have yet: making one throws an OpenAIError. */
export class OpenAIRealtimeWebRTC extends WebRTCConnection<RealtimeClientEvent, RealtimeServerEvent> {}

/** It needs WebRTC connections, which tailrace does not have yet: making one throws an OpenAIError. */
export class RealtimeDataChannel extends DataChannel<RealtimeClientEvent, RealtimeServerEvent> {}
