/** Pauses. */

// Imported, because test tools replace the global ones.
import { clearTimeout, setTimeout } from 'node:timers';

/** The longest delay that a Node timer can have, in milliseconds. */
const LONGEST_DELAY = 0x7fff_ffff;

/** Resolves after `milliseconds`, or as soon as `signal` is aborted. */
export function sleep(milliseconds: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(Math.max(milliseconds, 0), LONGEST_DELAY));
    signal?.addEventListener('abort', done, { once: true });
  });
}
