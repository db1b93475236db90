/** Files for the environments of agents. */

import type { OpenAI } from '../../../client.js';
import { OpenAIError } from '../../../core/error.js';
import { hasKey } from '../../../internal/agents/idempotency.js';
import type { RequestOptions } from '../../../internal/request-options.js';
import type { Uploadable } from '../../../internal/uploads.js';
import type { EnvironmentFile, FileCreateParams, Files } from '../../../resources/beta/agents/environments/files.js';
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
  declare readonly cause: unknown;
  /** The files that were uploaded before; nobody deletes them. */
  readonly uploadedFiles: FileObject[];

  constructor(uploadedFiles: FileObject[], cause: unknown) {
    super('Agent file preparation or staging failed; uploaded files remain caller-owned.');
    this.uploadedFiles = uploadedFiles;
    // Not enumerable, like the cause of any error.
    Object.defineProperty(this, 'cause', { value: cause, configurable: true, writable: true });
  }
}

/**
 * Uploads files, one after the other, and gives references to them for a hosted environment.
 *
 * @param files - By their paths in the environment.
 * @throws {OpenAIError} A path is not inside the workspace, or several uploads would share a key; nothing was uploaded.
 * @throws {AgentFileUploadError} An upload failed; it names the files that were uploaded before.
 */
export async function prepareAgentFiles(
  client: OpenAI,
  files: Record<string, Uploadable>,
  options?: RequestOptions,
): Promise<PreparedAgentFiles> {
  const entries = Object.entries(files);
  for (const [path] of entries) validateAgentFilePath(path);
  if (entries.length > 1 && hasKey(client, options)) {
    throw new OpenAIError('Do not reuse an Idempotency-Key across multiple file uploads');
  }
  const uploadedFiles: FileObject[] = [];
  const references: PreparedAgentFiles['files'] = [];
  for (const [path, file] of entries) {
    const uploaded = await noting(uploadedFiles, () => sent(client, file, options));
    uploadedFiles.push(uploaded);
    references.push({ type: 'file_id', file_id: uploaded.id, path });
  }
  return { files: references, uploadedFiles };
}

/**
 * Uploads a file and puts it into a live environment.
 *
 * @throws {OpenAIError} The path is not inside the workspace; nothing was uploaded.
 * @throws {AgentFileUploadError} A call failed; it names the file if it was uploaded.
 */
export async function uploadAgentFile(
  client: OpenAI,
  resource: Files,
  environmentID: string,
  params: { file: Uploadable; path: string },
  options?: RequestOptions,
): Promise<{ uploadedFile: FileObject; environmentFile: EnvironmentFile }> {
  const { file, path } = params;
  validateAgentFilePath(path);
  const uploadedFile = await noting([], () => sent(client, file, options));
  const environmentFile = await noting([uploadedFile], () =>
    resource.create(environmentID, { type: 'file_id', file_id: uploadedFile.id, path }, options),
  );
  return { uploadedFile, environmentFile };
}

/**
 * A file has to be inside the workspace, outside of what the environment keeps for itself.
 *
 * @throws {OpenAIError} It is not.
 */
export function validateAgentFilePath(path: string): void {
  const [root, workspace, ...segments] = path.split('/');
  const isInside = root === '' && workspace === 'workspace' && segments.length > 0;
  const isPlain = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  const isReserved = segments[0] === '.codex' || (segments[0] === 'outputs' && segments.length === 1);
  if (isInside && isPlain && !isReserved && !/[\\\0]/.test(path)) return;
  throw new OpenAIError('Agent files require a non-reserved absolute file path inside /workspace');
}

function sent(client: OpenAI, file: Uploadable, options?: RequestOptions): Promise<FileObject> {
  return client.files.create({ file, purpose: 'user_data' }, options);
}

async function noting<T>(uploaded: FileObject[], step: () => PromiseLike<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    throw new AgentFileUploadError([...uploaded], cause);
  }
}
