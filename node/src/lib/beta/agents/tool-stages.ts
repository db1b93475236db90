/** Part of the helpers of agents: by name and type only. */

import { type AgentToolHandler } from '../../agents/agent-session-stream.js';
import { type AgentToolError } from './tool-error.js';

/** Marks a handler that reports its stages. */
export const toolStages: unique symbol = Symbol('toolStages');

export type StagedToolHandler = ((
  arguments_: Parameters<AgentToolHandler>[0],
  setStage?: (stage: AgentToolError['stage']) => void,
) => ReturnType<AgentToolHandler>) & {
  [toolStages]?: true;
};
