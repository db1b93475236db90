/** What the package adds to responses. */

interface TextPart {
  type: string;
  text?: string;
}

interface ResponseLike {
  object?: unknown;
  output?: { type: string; content?: TextPart[] }[];
  output_text?: string;
}

/** Gives a response its `output_text`: the texts of its messages, joined. Anything else stays as it is. */
export function addOutputText<T>(value: T): T {
  const response = value as ResponseLike | null;
  if (typeof response !== 'object' || response?.object !== 'response' || !Array.isArray(response.output)) return value;
  const texts: string[] = [];
  for (const item of response.output) {
    if (item.type !== 'message') continue;
    for (const part of item.content ?? []) {
      if (part.type === 'output_text' && part.text !== undefined) texts.push(part.text);
    }
  }
  response.output_text = texts.join('');
  return value;
}
