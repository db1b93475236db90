/** Part of WebRTC connections: by name and type only. */

export { OpenAILiveWebRTC, LiveDataChannel, WebRTCError } from '../lib/live/webrtc.js';

export type {
  ExchangeSdp,
  WebRTCConnectOptions,
  WebRTCConnectionEvent,
  WebRTCConfiguration,
  WebRTCErrorCode,
  WebRTCErrorPhase,
  WebRTCState,
} from '../lib/live/webrtc.js';
