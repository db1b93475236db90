// Runs the calls of a case that ask for structured answers on a Node package: `parse` and `stream`.

/** The events that both languages tell by the same name. */
const EVENTS = {
  'chat.completions.stream': [
    ...['content.delta', 'content.done', 'refusal.delta', 'refusal.done'],
    ...['tool_calls.function.arguments.delta', 'tool_calls.function.arguments.done'],
  ],
  'responses.stream': [
    ...['response.output_text.delta', 'response.output_text.done'],
    ...['response.refusal.delta', 'response.refusal.done'],
  ],
};

/** Whether the operation is one of the helpers; the others give what the API says. */
export function isHelper({ operation }) {
  return /\.(parse|stream)$/.test(operation);
}

/** The arguments with the neutral `format` as a Node program passes it. */
export function withFormat({ operation, format, arguments: given }) {
  if (!format) return given;
  const named = { strict: true, ...format };
  if (operation.startsWith('chat.')) return { ...given, response_format: { type: 'json_schema', json_schema: named } };
  return { ...given, text: { format: { type: 'json_schema', ...named } } };
}

/** Reads a stream to its end, and gives the whole answer. */
export async function readEvents(stream, { operation }, outcome) {
  for (const type of EVENTS[operation]) stream.on(type, (event) => outcome.events.push({ ...event, type }));
  return operation === 'responses.stream' ? await stream.finalResponse() : await stream.finalChatCompletion();
}
