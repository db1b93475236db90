/** Live sessions over WebRTC. */

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
