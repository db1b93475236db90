/** Formats and tools that carry a parser of their own, in members that neither JSON nor a spread shows. */

type Brand = 'auto-parseable-response-format' | 'auto-parseable-tool';

/** A copy that carries a parser. */
export function withParser<T extends { $brand: Brand }>(
  source: object,
  members: Pick<T, '$brand'> & { $parseRaw: (text: string) => unknown; $callback?: unknown },
): T {
  const copy = { ...source };
  for (const [name, value] of Object.entries(members)) Object.defineProperty(copy, name, { value });
  return copy as T;
}

/** Whether a format or a tool carries a parser. */
export function carriesParser(value: unknown, brand: Brand): boolean {
  return (value as { $brand?: unknown } | null | undefined)?.$brand === brand;
}
