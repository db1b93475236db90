/** What WebRTC connections take and tell. */

import { type WebRTCError } from './errors.js';

export interface WebRTCEventTarget {
  addEventListener: (type: string, listener: (event: unknown) => void) => void;
  removeEventListener: (type: string, listener: (event: unknown) => void) => void;
}

export interface WebRTCDataChannel extends WebRTCEventTarget {
  readonly readyState: string;
  send: (data: string) => void;
  close: () => void;
}

export interface WebRTCPeerConnection extends WebRTCEventTarget {
  readonly connectionState: string;
  readonly localDescription: {
    readonly sdp: string;
  } | null;
  createDataChannel: (label: string) => WebRTCDataChannel;
  createOffer: () => Promise<{
    type: 'answer' | 'offer' | 'pranswer' | 'rollback';
    sdp?: string;
  }>;
  setLocalDescription: (description: {
    type?: 'answer' | 'offer' | 'pranswer' | 'rollback';
    sdp?: string;
  }) => Promise<void>;
  setRemoteDescription: (description: { type: 'answer'; sdp: string }) => Promise<void>;
  close: () => void;
}

export type BrowserPeerConnection = typeof globalThis extends {
  RTCPeerConnection: {
    prototype: infer Peer;
  };
}
  ? Peer
  : WebRTCPeerConnection;

export type BrowserDataChannel = typeof globalThis extends {
  RTCDataChannel: {
    prototype: infer Channel;
  };
}
  ? Channel
  : WebRTCDataChannel;

export type WebRTCConfiguration = typeof globalThis extends {
  RTCPeerConnection: new (configuration?: infer Configuration) => unknown;
}
  ? Configuration
  : object;

export type ExchangeSdp = (
  offer: string,
  options: {
    signal: AbortSignal;
  },
) => Promise<string>;

export interface WebRTCConnectOptions {
  exchangeSdp: ExchangeSdp;
  signal?: AbortSignal;
  timeoutMs?: number;
}

export type WebRTCState = 'new' | 'connecting' | 'connected' | 'closed';

export type WebRTCCloseReason = 'local' | 'remote' | 'failed' | 'aborted' | 'timeout';

export type WebRTCConnectionEvent =
  | {
      type: 'state.changed';
      state: 'connecting' | 'connected';
    }
  | {
      type: 'error';
      error: WebRTCError;
      fatal: boolean;
    }
  | {
      type: 'closed';
      reason: WebRTCCloseReason;
    };
