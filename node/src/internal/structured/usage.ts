/** Tokens of several requests together. */

import type { CompletionUsage } from '../../resources/completions.js';

const DETAILS = ['completion_tokens_details', 'prompt_tokens_details'] as const;

/** The sum, with the details that any request has; one that says nothing counts as nothing. */
export function sumOfUsage(usages: Iterable<CompletionUsage | null | undefined>): CompletionUsage {
  const total: CompletionUsage = { completion_tokens: 0, prompt_tokens: 0, total_tokens: 0 };
  for (const usage of usages) {
    if (!usage) continue;
    total.completion_tokens += usage.completion_tokens;
    total.prompt_tokens += usage.prompt_tokens;
    total.total_tokens += usage.total_tokens;
    for (const name of DETAILS) {
      if (usage[name]) add((total[name] ??= {}) as Record<string, number>, usage[name] as Record<string, unknown>);
    }
  }
  return total;
}

function add(total: Record<string, number>, more: Record<string, unknown>): void {
  for (const [name, count] of Object.entries(more)) {
    if (typeof count === 'number') total[name] = (total[name] ?? 0) + count;
  }
}
