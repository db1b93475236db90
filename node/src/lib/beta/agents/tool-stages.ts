/** Handlers that say how far they are. */

import { type AgentToolHandler } from '../../agents/agent-session-stream.js';
import { type AgentToolError } from './tool-error.js';

/** Marks a handler that reports its stages; the same symbol in every copy of this module and in the official package. */
export const toolStages: unique symbol = Symbol.for('openai.beta.agents.toolStages');

export type StagedToolHandler = ((
  arguments_: Parameters<AgentToolHandler>[0],
  setStage?: (stage: AgentToolError['stage']) => void,
) => ReturnType<AgentToolHandler>) & {
  [toolStages]?: true;
};
