/** Part of WebSocket connections: by name and type only. */

import { later } from '../../internal/later.js';

/** It needs WebSocket connections, which tailrace does not have yet: making one throws an OpenAIError. */
export class Subscriptions<
  Event extends {
    type: string;
  },
> {
  add(listener: (event: Event) => unknown, type?: Event['type']): () => void;
  add(): never {
    throw later('Subscriptions.add', 'WebSocket connections');
  }
  emit(event: Event): void;
  emit(): never {
    throw later('Subscriptions.emit', 'WebSocket connections');
  }
  clear(): void;
  clear(): never {
    throw later('Subscriptions.clear', 'WebSocket connections');
  }
  constructor() {
    throw later('Subscriptions', 'WebSocket connections');
  }
}
