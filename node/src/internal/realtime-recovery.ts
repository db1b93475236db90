/** Whether and how a realtime connection is made again. */

import type { ReconnectRules } from './ws-connection-controller.js';

/** Whether and how a connection is made again; delays are in milliseconds. */
export interface RealtimeRecoveryOptions {
  /** Whether it is made again when it breaks; the session is a new one. Default false. */
  reconnect?: boolean | undefined;
  /** Over the whole life of the connection; default 5. */
  maxReconnectAttempts?: number | undefined;
  /** Before the first attempt, and twice as long before each other; default 500. */
  reconnectInitialDelay?: number | undefined;
  /** Default 8,000. */
  reconnectMaxDelay?: number | undefined;
  /** Kept while there is no connection; default 0, which refuses what is sent meanwhile. */
  maxQueueBytes?: number | undefined;
}

/** The longest that a timer of Node waits, in milliseconds. */
const LONGEST_DELAY = 0x7fff_ffff;

/**
 * The rules that options give; nothing when a connection is not made again.
 *
 * @throws {Error} A limit is no whole number from 0 on, or a delay is too long.
 */
export function recoveryRules(options: RealtimeRecoveryOptions): ReconnectRules | undefined {
  const { maxReconnectAttempts: maxAttempts = 5, reconnectInitialDelay: initialDelay = 500 } = options;
  const { reconnectMaxDelay: maxDelay = 8000, maxQueueBytes = 0 } = options;
  const rules = { maxAttempts, initialDelay, maxDelay, maxQueueBytes };
  if (!Object.values(rules).every((limit) => Number.isSafeInteger(limit) && limit >= 0)) {
    throw new Error('Realtime recovery limits must be nonnegative safe integers');
  }
  if (initialDelay > LONGEST_DELAY || maxDelay > LONGEST_DELAY) {
    throw new Error(`Realtime reconnect delays must not exceed ${LONGEST_DELAY} ms`);
  }
  return options.reconnect ? rules : undefined;
}
