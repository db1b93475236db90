/** Groups of methods that are loaded when they are first touched. */

import type { OpenAI } from '../client.js';

type Resource = new (client: OpenAI) => object;
type Owner = { prototype: object };

/** The class's name, and what loads it. */
export type LazyResource = readonly [name: string, load: () => Resource];

/**
 * Gives a class children that come into being when they are first read, and its constructors as statics.
 *
 * A child is an own property from then on, and can be replaced before and after, as a field can.
 */
export function resources(owner: Owner, children: Record<string, LazyResource>): void {
  for (const [child, [name, load]] of Object.entries(children)) {
    lazy(owner.prototype, child, (instance) => new (load())(clientOf(instance)));
    lazy(owner, name, load);
  }
}

/** A property of `target` that is worked out when it is first read. */
export function lazy<T extends object>(target: T, name: string, make: (instance: T) => unknown): void {
  Object.defineProperty(target, name, {
    configurable: true,
    enumerable: true,
    get(this: T) {
      // A prototype that is looked at is no instance, and must not become one for all that share it.
      if (this === target && isPrototype(target)) return undefined;
      const value = make(this);
      fix(this, name, value);
      return value;
    },
    set(this: T, value: unknown) {
      fix(this, name, value);
    },
  });
}

function isPrototype(target: object): boolean {
  return typeof target !== 'function';
}

function fix(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, enumerable: true, writable: true });
}

/** A group of methods has a client; the client is its own. */
function clientOf(instance: object): OpenAI {
  return (instance as { _client?: OpenAI })._client ?? (instance as OpenAI);
}
