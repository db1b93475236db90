/** A socket of the package `ws`: part of WebSocket connections, by type only. */

import type * as WS from 'ws';
import type { WebSocketLike } from './ws-adapter.js';

/** A socket of the package `ws`. */
export interface NodeWebSocket extends WebSocketLike {
  readonly platformSocket: WS.WebSocket;
}
