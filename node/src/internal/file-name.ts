/** The names that files bring with them. */

/**
 * The name of a file, from its `name`, its address, or its path on disk; `undefined` when it has none.
 *
 * @param isStripped - Without the folders.
 */
export function fileName(value: unknown, isStripped: boolean): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { name, url, filename, path } = value as Record<string, unknown>;
  for (const candidate of [name, addressed(url), filename, path]) {
    const text = named(candidate);
    if (text !== undefined) return isStripped ? withoutFolders(text) : text;
  }
  return undefined;
}

function named(candidate: unknown): string | undefined {
  if (candidate === undefined || candidate === null || candidate === '') return undefined;
  return String(candidate as string | { toString(): string }) || undefined;
}

/** The path of an address, decoded, without its query. */
function addressed(url: unknown): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined;
  const { pathname } = new URL(url);
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

function withoutFolders(name: string): string | undefined {
  return name.split(/[\\/]/).pop() || undefined;
}
