/** Waiting for what a vector store processes. */

import { poll as pollBatch } from '../helpers/vector-store-file-batches.js';
import { poll as pollFile } from '../helpers/vector-store-files.js';
import type { PollOptions } from '../helpers/polling.js';
import type { FileBatches, VectorStoreFileBatch } from '../resources/vector-stores/file-batches.js';
import type { Files, VectorStoreFile } from '../resources/vector-stores/files.js';

/** Waits until a file is processed, whatever comes of it. */
export function pollVectorStoreFile(
  resource: Pick<Files, 'retrieve'>,
  vectorStoreID: string,
  fileID: string,
  options?: PollOptions,
): Promise<VectorStoreFile> {
  return pollFile(resource, vectorStoreID, fileID, options);
}

/** Waits until a batch is processed, whatever comes of it. */
export function pollVectorStoreFileBatch(
  resource: Pick<FileBatches, 'retrieve'>,
  vectorStoreID: string,
  batchID: string,
  options?: PollOptions,
): Promise<VectorStoreFileBatch> {
  return pollBatch(resource, vectorStoreID, batchID, options);
}
