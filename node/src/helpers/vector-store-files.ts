/** Files of a vector store: upload them, and wait until they are processed. */

import type { RequestOptions } from '../internal/request-options.js';
import type { Uploadable } from '../internal/uploads.js';
import type { FileCreateParams, Files, VectorStoreFile } from '../resources/vector-stores/files.js';
import { clientOf } from './owner.js';
import { polled, type PollOptions } from './polling.js';

/** A file that is processed, refused or cancelled; its `status` says which. */
const FINAL = ['completed', 'failed', 'cancelled'];

/** Adds a file to a vector store and waits until it is processed. */
export async function createAndPoll(
  resource: Files,
  vectorStoreId: string,
  body: FileCreateParams,
  options?: PollOptions,
): Promise<VectorStoreFile> {
  const file = await resource.create(vectorStoreId, body, options);
  return poll(resource, vectorStoreId, file.id, options);
}

/** Waits until a file is processed, whatever comes of it. */
export function poll(
  resource: Pick<Files, 'retrieve'>,
  vectorStoreID: string,
  fileID: string,
  options?: PollOptions,
): Promise<VectorStoreFile> {
  return polled(
    (headers) => resource.retrieve(fileID, { vector_store_id: vectorStoreID }, { ...options, headers }),
    FINAL,
    options,
  );
}

/** Uploads a file and adds it to a vector store, which processes it in its own time. */
export async function upload(
  resource: Files,
  vectorStoreId: string,
  file: Uploadable,
  options?: RequestOptions,
): Promise<VectorStoreFile> {
  const { id } = await clientOf(resource).files.create({ file, purpose: 'assistants' }, options);
  return resource.create(vectorStoreId, { file_id: id }, options);
}

/** Uploads a file, adds it to a vector store and waits until it is processed. */
export async function uploadAndPoll(
  resource: Files,
  vectorStoreId: string,
  file: Uploadable,
  options?: PollOptions,
): Promise<VectorStoreFile> {
  const { id } = await upload(resource, vectorStoreId, file, options);
  return poll(resource, vectorStoreId, id, options);
}
