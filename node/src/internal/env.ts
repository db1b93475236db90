/** Environment variables, as the official package reads them. */

/** The variable without surrounding blanks; `undefined` when nothing is left. */
export function readEnv(name: string): string | undefined {
  return process.env[name]?.trim() || undefined;
}

/** The `Name: value` lines of a variable, as headers. */
export function headerLines(text: string | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of text?.split('\n') ?? []) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
  }
  return headers;
}
