/** The one place where native code wakes JavaScript. */

// Imported, because test tools replace the global ones.
import { setImmediate, setInterval } from 'node:timers';
import { shares, type Share } from './batch.js';
import { addon, type Hub } from './native.cjs';

/** Called with what a stream or a connection got and the batch of it, or with nothing when there is something to ask for. */
export type Wake = (share?: Share, batch?: string) => void;

/** The longest delay that a Node timer can have, in milliseconds. */
const LONGEST_DELAY = 0x7fff_ffff;

const waiting = new Map<number, Wake>();
/** Told each time, and no reason to stay alive. */
const watching = new Map<number, () => void>();
let lastId = 0;
let hub: Hub | undefined;
/** Its reference keeps the process alive while somebody waits; the native side holds none. */
let alive: NodeJS.Timeout | undefined;
/** The streams that have to be told to deliver. */
let unarmed: number[] = [];

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
export function wait(id: number, wake: Wake): void {
  if (waiting.size === 0) {
    alive ??= setInterval(() => {}, LONGEST_DELAY);
    alive.ref();
  }
  waiting.set(id, wake);
}

/**
 * Like {@link wait}, for a stream that need not be asked first: `wake` gets what comes next, or what has come meanwhile.
 *
 * The streams that wait at the end of a turn tell so in one call.
 */
export function waitForDelivery(id: number, wake: Wake): void {
  wait(id, wake);
  if (unarmed.push(id) === 1) setImmediate(arm);
}

/** Nobody waits for `id` any more. */
export function forget(id: number): void {
  if (waiting.delete(id) && waiting.size === 0) alive?.unref();
}

/** Runs `wake` each time when `id` is ready, until {@link unwatch}; the process may end meanwhile. */
export function watch(id: number, wake: () => void): void {
  watching.set(id, wake);
}

/** Nobody watches `id` any more. */
export function unwatch(id: number): void {
  watching.delete(id);
}

/** Wakes all that is ready, where native code has been told that this follows. */
export function drain(): void {
  deliver(theHub().take());
}

function arm(): void {
  const ids = Uint32Array.from(unarmed);
  unarmed = [];
  deliver(theHub().arm(ids));
}

function deliver(batch: string): void {
  for (const share of shares(batch)) {
    const isId = typeof share === 'number';
    const id = isId ? share : share.id;
    const wake = waiting.get(id);
    if (wake === undefined) {
      watching.get(id)?.();
      continue;
    }
    waiting.delete(id);
    if (isId) wake();
    else wake(share, batch);
  }
  if (waiting.size === 0) alive?.unref();
}
