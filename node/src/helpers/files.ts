/** Uploaded files: wait until they are processed. */

import { APIConnectionTimeoutError } from '../core/error.js';
import { sleep } from '../internal/sleep.js';
import type { FileObject, Files } from '../resources/files.js';
import { DEFAULT_INTERVAL } from './polling.js';

const FINAL = ['processed', 'error', 'deleted'];
const HALF_AN_HOUR = 30 * 60 * 1000;

/**
 * Asks for a file until it is processed, refused or deleted.
 *
 * @param options - Both in milliseconds: the pause between two calls (default 5,000), and the longest wait (default 30
 *   minutes).
 * @throws {APIConnectionTimeoutError} The longest wait has passed.
 * @throws {APIError} A call failed.
 */
export async function waitForProcessing(
  resource: Pick<Files, 'retrieve'>,
  id: string,
  {
    pollInterval = DEFAULT_INTERVAL,
    maxWait = HALF_AN_HOUR,
  }: { pollInterval?: number | undefined; maxWait?: number | undefined } = {},
): Promise<FileObject> {
  const started = performance.now();
  let file = await resource.retrieve(id);
  while (!FINAL.includes(file.status)) {
    await sleep(pollInterval);
    file = await resource.retrieve(id);
    if (performance.now() - started > maxWait) {
      throw new APIConnectionTimeoutError({
        message: `Giving up on waiting for file ${id} to finish processing after ${maxWait} milliseconds.`,
      });
    }
  }
  return file;
}
