/** Realtime sessions over WebRTC. */

export { OpenAIRealtimeWebRTC, RealtimeDataChannel, WebRTCError } from '../lib/realtime/webrtc.js';

export type {
  ExchangeSdp,
  WebRTCConnectOptions,
  WebRTCConnectionEvent,
  WebRTCConfiguration,
  WebRTCErrorCode,
  WebRTCErrorPhase,
  WebRTCState,
} from '../lib/realtime/webrtc.js';
