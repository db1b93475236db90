/** The text of what an agent says. */

import type { AgentSessionMessage } from '../../resources/beta/agents/agents.js';

/** The text parts of a message, joined without a separator. */
export function outputText(message: AgentSessionMessage): string {
  return message.content.map((part) => (part.type === 'output_text' ? part.text : '')).join('');
}
