/** Embeddings, which travel as Base64 and arrive as numbers. */

export { createEmbedding } from '../helpers/embeddings.js';
