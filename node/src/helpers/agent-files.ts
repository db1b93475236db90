/** Files for the environments of agents. */

import { OpenAIError } from '../core/error.js';
import type { RequestOptions } from '../internal/request-options.js';
import type { Uploadable } from '../internal/uploads.js';
import { AgentFileUploadError, type PreparedAgentFiles } from '../lib/beta/agents/files.js';
import type { EnvironmentFile, Files } from '../resources/beta/agents/environments/files.js';
import type { FileObject } from '../resources/files.js';
import { clientOf } from './owner.js';

/**
 * Uploads files, one after the other, and gives references to them for a hosted environment.
 *
 * @param files - By their paths in the environment.
 * @throws {OpenAIError} A path is not inside the workspace; nothing was uploaded.
 * @throws {AgentFileUploadError} An upload failed; it names the files that were uploaded before.
 */
export async function prepare(
  resource: Files,
  files: Record<string, Uploadable>,
  options?: RequestOptions,
): Promise<PreparedAgentFiles> {
  const entries = Object.entries(files);
  for (const [path] of entries) checkPath(path);
  const uploadedFiles: FileObject[] = [];
  const references: PreparedAgentFiles['files'] = [];
  for (const [path, file] of entries) {
    const uploaded = await noting(uploadedFiles, () => uploadOf(resource, file, options));
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
export async function upload(
  resource: Files,
  environmentID: string,
  { file, path }: { file: Uploadable; path: string },
  options?: RequestOptions,
): Promise<{ uploadedFile: FileObject; environmentFile: EnvironmentFile }> {
  checkPath(path);
  const uploadedFile = await noting([], () => uploadOf(resource, file, options));
  const environmentFile = await noting([uploadedFile], () =>
    resource.create(environmentID, { type: 'file_id', file_id: uploadedFile.id, path }, options),
  );
  return { uploadedFile, environmentFile };
}

function uploadOf(resource: Files, file: Uploadable, options?: RequestOptions): Promise<FileObject> {
  return clientOf(resource).files.create({ file, purpose: 'user_data' }, options);
}

async function noting<T>(uploaded: FileObject[], step: () => PromiseLike<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    throw new AgentFileUploadError([...uploaded], cause);
  }
}

/** A file inside the workspace, outside of what the environment keeps for itself. */
function checkPath(path: string): void {
  const [root, workspace, ...segments] = path.split('/');
  const isInside = root === '' && workspace === 'workspace' && segments.length > 0;
  const isPlain = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  const isReserved = segments[0] === '.codex' || (segments[0] === 'outputs' && segments.length === 1);
  if (isInside && isPlain && !isReserved && !/[\\\0]/.test(path)) return;
  throw new OpenAIError('Agent files require a non-reserved absolute file path inside /workspace');
}
