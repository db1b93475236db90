/** Files for the environments of agents. */

import { OpenAIError } from '../../../core/error.js';
import type { FileCreateParams } from '../../../resources/beta/agents/environments/files.js';
import type { FileObject } from '../../../resources/files.js';

/** References for a hosted environment, and the files behind them, which stay the caller's. */
export interface PreparedAgentFiles {
  files: Extract<FileCreateParams, { type: 'file_id' }>[];
  uploadedFiles: FileObject[];
}

/** Some files could not be uploaded or put in their place. */
export class AgentFileUploadError extends OpenAIError {
  override readonly name = 'AgentFileUploadError';
  /** Why not. */
  override readonly cause: unknown;
  /** The files that were uploaded before; nobody deletes them. */
  readonly uploadedFiles: FileObject[];

  constructor(uploadedFiles: FileObject[], cause: unknown) {
    super('Agent file preparation or staging failed; uploaded files remain caller-owned.');
    this.uploadedFiles = uploadedFiles;
    // Not enumerable, like the cause of any error.
    Object.defineProperty(this, 'cause', { value: cause, configurable: true, writable: true });
  }
}
