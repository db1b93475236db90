/** Files for the environments of agents. */

import type { RequestOptions } from '../internal/request-options.js';
import type { Uploadable } from '../internal/uploads.js';
import { prepareAgentFiles, uploadAgentFile, type PreparedAgentFiles } from '../lib/beta/agents/files.js';
import type { EnvironmentFile, Files } from '../resources/beta/agents/environments/files.js';
import type { FileObject } from '../resources/files.js';
import { clientOf } from './owner.js';

/** Uploads files and gives references to them; see {@link prepareAgentFiles}. */
export function prepare(
  resource: Files,
  files: Record<string, Uploadable>,
  options?: RequestOptions,
): Promise<PreparedAgentFiles> {
  return prepareAgentFiles(clientOf(resource), files, options);
}

/** Uploads a file and puts it into a live environment; see {@link uploadAgentFile}. */
export function upload(
  resource: Files,
  environmentID: string,
  params: { file: Uploadable; path: string },
  options?: RequestOptions,
): Promise<{ uploadedFile: FileObject; environmentFile: EnvironmentFile }> {
  return uploadAgentFile(clientOf(resource), resource, environmentID, params, options);
}
