/** Waiting for uploaded files. */

import { waitForProcessing } from '../helpers/files.js';
import type { FileObject, Files } from '../resources/files.js';

/** Asks for a file until it is processed, refused or deleted; both times are in milliseconds. */
export function waitForFileProcessing(
  resource: Pick<Files, 'retrieve'>,
  id: string,
  pollInterval: number,
  maxWait: number,
): Promise<FileObject> {
  return waitForProcessing(resource, id, { pollInterval, maxWait });
}
