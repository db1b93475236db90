/** Functions for agents that failed here. */

export interface AgentToolError {
  readonly error: unknown;
  readonly tool_name: string;
  readonly session_id: string;
  readonly turn_id: string;
  readonly call_id: string;
  readonly stage: 'arguments' | 'execution' | 'output';
}
