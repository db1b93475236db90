/** The one place where native code wakes JavaScript. */

// Imported, because test tools replace the global ones.
import { setInterval } from 'node:timers';
import { addon, type Hub } from './native.cjs';

/** The longest delay that a Node timer can have, in milliseconds. */
const LONGEST_DELAY = 0x7fff_ffff;

const waiting = new Map<number, () => void>();
let lastId = 0;
let hub: Hub | undefined;
/** Its reference keeps the process alive while somebody waits; the native side holds none. */
let alive: NodeJS.Timeout | undefined;

/** The hub of this environment: of the main thread or of one worker. */
export function theHub(): Hub {
  return (hub ??= new (addon().Hub)(drain));
}

/** A number that no other call or stream of this environment has. */
export function newId(): number {
  // Ids are 32 bits wide over there. One that comes round again after four billion calls is long forgotten.
  lastId = (lastId + 1) >>> 0;
  return lastId;
}

/** Runs `wake` when the call or stream `id` is ready, and keeps the process alive until then. */
export function wait(id: number, wake: () => void): void {
  if (waiting.size === 0) {
    alive ??= setInterval(() => {}, LONGEST_DELAY);
    alive.ref();
  }
  waiting.set(id, wake);
}

/** Nobody waits for `id` any more. */
export function forget(id: number): void {
  if (waiting.delete(id) && waiting.size === 0) alive?.unref();
}

function drain(): void {
  const ids = theHub().take();
  for (const id of ids) {
    const wake = waiting.get(id);
    if (wake === undefined) continue;
    waiting.delete(id);
    wake();
  }
  if (waiting.size === 0) alive?.unref();
}
