/** `output_text` of a response, which the API does not send. */

type Part = { type?: unknown; text?: unknown };
type Item = { type?: unknown; content?: unknown };

/**
 * Sets `output_text` on a whole response: the text of its messages, joined without a separator, `''` when there is none.
 *
 * Anything else (a stream, an object of another kind, a response without output) is returned as it is.
 */
export function addOutputText<T>(response: T): T {
  const { object, output } = (response ?? {}) as { object?: unknown; output?: unknown };
  if (object !== 'response' || !Array.isArray(output)) return response;
  const parts = (output as (Item | null)[]).flatMap((item) =>
    item?.type === 'message' && Array.isArray(item.content) ? (item.content as (Part | null)[]) : [],
  );
  const text = parts.map((part) => (part?.type === 'output_text' ? part.text : '')).join('');
  return Object.assign(response as object, { output_text: text }) as T;
}
