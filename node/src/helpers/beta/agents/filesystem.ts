/** Part of the helpers of agents: by name and type only. */

import { type WritableStream as AgentWritableStream } from '../../../internal/shim-types.js';
import { type StreamingFile } from '../../../internal/uploads.js';
import { type RequestOptions } from '../../../internal/request-options.js';
import { type Files } from '../../../resources/beta/agents/environments/files.js';
import { type PreparedAgentFiles } from '../../../lib/beta/agents/files.js';
import { later } from '../../../internal/later.js';

export function agentFile(path: string): Promise<
  StreamingFile & {
    size: number;
  }
>;
export function agentFile(): never {
  throw later('agentFile', 'the helpers of agents');
}

export function prepareAgentDirectory(
  resource: Files,
  directory: string,
  params: {
    include: readonly string[];
    to?: string;
  },
  options?: RequestOptions,
): Promise<PreparedAgentFiles>;
export function prepareAgentDirectory(): never {
  throw later('prepareAgentDirectory', 'the helpers of agents');
}

export function agentFileDestination(path: string): AgentWritableStream<Uint8Array>;
export function agentFileDestination(): never {
  throw later('agentFileDestination', 'the helpers of agents');
}
