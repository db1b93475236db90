/** Part of WebSocket connections: by name and type only. */

import { OpenAIError } from '../../core/error.js';
import { later } from '../../internal/later.js';

export type WebRTCErrorCode =
  | 'invalid_state'
  | 'not_open'
  | 'send_failed'
  | 'invalid_message'
  | 'signaling_failed'
  | 'negotiation_failed'
  | 'transport_failed'
  | 'connection_closed'
  | 'timeout'
  | 'aborted'
  | 'unsupported_environment';

export type WebRTCErrorPhase = 'offer' | 'signaling' | 'answer' | 'transport' | 'message' | 'send';

/** It needs WebSocket connections, which tailrace does not have yet: making one throws an OpenAIError. */
export class WebRTCError extends OpenAIError {
  declare readonly name: any;
  declare readonly code: WebRTCErrorCode;
  declare readonly phase: WebRTCErrorPhase;
  declare readonly cause: unknown;
  constructor(code: WebRTCErrorCode, phase: WebRTCErrorPhase, message: string, cause?: unknown);
  constructor(...values: any[]) {
    super(...(values as ConstructorParameters<typeof OpenAIError>));
    throw later('WebRTCError', 'WebSocket connections');
  }
}
