/** Many files for a vector store at once. */

export { uploadedBatch as uploadAndPollVectorStoreFileBatch } from '../helpers/vector-store-file-batches.js';
