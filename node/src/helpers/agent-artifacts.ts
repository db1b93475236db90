/** What a turn of an agent has made. */

import type { AgentTurnResult } from '../lib/beta/agents/agent-turn-result.js';
import { AgentResultArtifacts } from '../lib/beta/agents/result-artifacts.js';
import type { Artifacts } from '../resources/beta/agents/sessions/artifacts.js';

/** The artifacts of one finished turn. */
export function forResult(resource: Artifacts, result: AgentTurnResult): AgentResultArtifacts {
  return new AgentResultArtifacts(resource, result);
}
