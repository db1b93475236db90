/** Files to upload. */

export { toFile, type ToFileInput } from '../internal/to-file.js';
export { toStreamingFile, type StreamingFile, type StreamingFileInput, type Uploadable } from '../internal/uploads.js';
