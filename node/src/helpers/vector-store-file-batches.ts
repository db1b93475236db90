/** Many files for a vector store at once. */

import type { OpenAI } from '../client.js';
import type { Uploadable } from '../internal/uploads.js';
import type {
  FileBatchCreateParams,
  FileBatches,
  VectorStoreFileBatch,
} from '../resources/vector-stores/file-batches.js';
import { allSettledWithThrow } from '../lib/Util.js';
import { clientOf } from './owner.js';
import { polled, type PollOptions } from './polling.js';

/** A batch that is processed, refused or cancelled; its `status` says which. */
const FINAL = ['completed', 'failed', 'cancelled'];

/** The official number of uploads at a time. */
const DEFAULT_CONCURRENCY = 5;

/** Options of {@link uploadAndPoll}. */
type UploadOptions = PollOptions & { maxConcurrency?: number };

/** Adds files to a vector store and waits until all are processed. */
export async function createAndPoll(
  resource: FileBatches,
  vectorStoreId: string,
  body: FileBatchCreateParams,
  options?: PollOptions,
): Promise<VectorStoreFileBatch> {
  const batch = await resource.create(vectorStoreId, body, options);
  return poll(resource, vectorStoreId, batch.id, options);
}

/** Waits until a batch is processed, whatever comes of it. */
export function poll(
  resource: Pick<FileBatches, 'retrieve'>,
  vectorStoreID: string,
  batchID: string,
  options?: PollOptions,
): Promise<VectorStoreFileBatch> {
  return polled(
    (headers) => resource.retrieve(batchID, { vector_store_id: vectorStoreID }, { ...options, headers }),
    FINAL,
    options,
  );
}

/**
 * Uploads files, adds them to a vector store in the order in which they are given, behind `fileIds`, and waits.
 *
 * @param options - With `maxConcurrency`, the number of uploads at a time; default 5.
 * @throws {Error} There are no files, or an upload failed; then `cause` has the reasons.
 * @throws {RangeError} `maxConcurrency` is not above zero.
 */
export function uploadAndPoll(
  resource: FileBatches,
  vectorStoreId: string,
  { files, fileIds = [] }: { files: Uploadable[]; fileIds?: string[] },
  options?: UploadOptions,
): Promise<VectorStoreFileBatch> {
  return uploadedBatch(resource, clientOf(resource), vectorStoreId, files, fileIds, options);
}

/** The same with the client that uploads. */
export async function uploadedBatch(
  resource: Pick<FileBatches, 'createAndPoll'>,
  client: Pick<OpenAI, 'files'>,
  vectorStoreId: string,
  files: Uploadable[],
  fileIds: string[],
  options?: UploadOptions,
): Promise<VectorStoreFileBatch> {
  if (!files?.length) {
    throw new Error(
      "No `files` provided to process. If you've already uploaded files you should use `.createAndPoll()` instead",
    );
  }
  const concurrency = Number(options?.maxConcurrency ?? DEFAULT_CONCURRENCY);
  if (!(concurrency > 0)) throw new RangeError('maxConcurrency must be greater than 0');
  const uploaded: string[] = [];
  const left = files.entries();
  const work = async () => {
    for (const [index, file] of left) {
      const { id } = await client.files.create({ file, purpose: 'assistants' }, options);
      uploaded[index] = id;
    }
  };
  await allSettledWithThrow(Array.from({ length: Math.ceil(Math.min(concurrency, files.length)) }, work));
  return resource.createAndPoll(vectorStoreId, { file_ids: [...fileIds, ...uploaded] }, options);
}
