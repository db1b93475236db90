/** `finish_reason` of streamed chat completions, which some servers leave out. */

import { adjustItems } from '../internal/native-stream.js';

/**
 * Gives each choice of a chunk without a `finish_reason` the value `null`, which is what code compares with.
 *
 * Has an effect on streams only, and there on what `for await` and `toReadableStream()` give, as in the official package.
 */
export function nullFinishReasons<T>(value: T): T {
  adjustItems(value, nullFinishReason);
  return value;
}

function nullFinishReason(chunk: unknown): void {
  const choices = (chunk as { choices?: unknown } | null)?.choices;
  if (!Array.isArray(choices)) return;
  for (const choice of choices as ({ finish_reason?: unknown } | null)[]) {
    if (typeof choice === 'object' && choice !== null && choice.finish_reason === undefined)
      choice.finish_reason = null;
  }
}
