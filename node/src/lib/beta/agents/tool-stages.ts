/** Part of the helpers of agents: by name and type only. */

import { type AgentToolHandler } from '../../agents/agent-session-stream.js';
import { type AgentToolError } from './tool-error.js';

export declare const toolStages: unique symbol;

export type StagedToolHandler = ((
  arguments_: Parameters<AgentToolHandler>[0],
  setStage?: (stage: AgentToolError['stage']) => void,
) => ReturnType<AgentToolHandler>) & {
  [toolStages]?: true;
};
