/** Part of WebRTC connections: by name and type only. */

import { later } from '../../internal/later.js';

/** It needs WebRTC connections, which tailrace does not have yet: making one throws an OpenAIError. */
export class Subscriptions<
  Event extends {
    type: string;
  },
> {
  add(listener: (event: Event) => unknown, type?: Event['type']): () => void;
  add(): never {
    throw later('Subscriptions.add', 'WebRTC connections');
  }
  emit(event: Event): void;
  emit(): never {
    throw later('Subscriptions.emit', 'WebRTC connections');
  }
  clear(): void;
  clear(): never {
    throw later('Subscriptions.clear', 'WebRTC connections');
  }
  constructor() {
    throw later('Subscriptions', 'WebRTC connections');
  }
}
