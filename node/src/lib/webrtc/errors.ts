/** How a connection over WebRTC fails. */

import { OpenAIError } from '../../core/error.js';

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

/** A connection over WebRTC failed. */
export class WebRTCError extends OpenAIError {
  override readonly name = 'WebRTCError';
  readonly code: WebRTCErrorCode;
  /** What was being done. */
  readonly phase: WebRTCErrorPhase;
  override readonly cause: unknown;

  constructor(code: WebRTCErrorCode, phase: WebRTCErrorPhase, message: string, cause?: unknown) {
    super(message);
    this.code = code;
    this.phase = phase;
    this.cause = cause;
  }
}
