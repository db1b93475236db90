/** Reconnecting: part of WebSocket connections, by type only. */

/** Whether and how a connection is made again; delays are in milliseconds. */
export interface RealtimeRecoveryOptions {
  reconnect?: boolean | undefined;
  maxReconnectAttempts?: number | undefined;
  reconnectInitialDelay?: number | undefined;
  reconnectMaxDelay?: number | undefined;
  maxQueueBytes?: number | undefined;
}
