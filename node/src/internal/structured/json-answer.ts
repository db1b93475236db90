/** Answers that are read as JSON where nothing else reads them. */

/**
 * Reads JSON.
 *
 * @throws {SyntaxError} See {@link notJson}.
 */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notJson();
  }
}

/** The error of an answer that is no JSON. It names nothing of the text, which is what a model said to a user. */
export function notJson(): SyntaxError {
  return new SyntaxError('Error reading response: invalid structured output JSON.');
}
