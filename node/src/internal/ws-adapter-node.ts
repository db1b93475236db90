/** A socket with the interface of the package `ws`. */

import type * as WS from 'ws';
import type { WebSocketLike } from './ws-adapter.js';

/** A socket of the package `ws`. */
export interface NodeWebSocket extends WebSocketLike {
  readonly platformSocket: WS.WebSocket;
}
