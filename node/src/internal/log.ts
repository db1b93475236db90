/** What the client tells its logger: what is sent, and how every call ended, without anything that may be secret. */

import { APIError } from '../core/error.js';

/** How much is told. */
export type LogLevel = 'off' | 'error' | 'warn' | 'info' | 'debug';

/** Where it is told; the default is `console`. */
export type Logger = {
  error: (message: string, ...rest: unknown[]) => void;
  warn: (message: string, ...rest: unknown[]) => void;
  info: (message: string, ...rest: unknown[]) => void;
  debug: (message: string, ...rest: unknown[]) => void;
};

const LEVELS: Record<LogLevel, number> = { off: 0, error: 200, warn: 300, info: 400, debug: 500 };
const FALLBACK: LogLevel = 'warn';

/** Headers whose values are told, besides those that begin with `x-stainless-`. */
const SHOWN = new Set(['accept', 'content-type', 'user-agent']);

const nothing = () => {};
const silent: Logger = { error: nothing, warn: nothing, info: nothing, debug: nothing };

/** A logger that tells what `client` wants to know; `console` with warnings when there is no client. */
export function loggerOf(client: { logger: Logger; logLevel: LogLevel | undefined } | undefined): Logger {
  const logger = client === undefined ? console : client.logger;
  const level = LEVELS[client?.logLevel ?? (client === undefined ? FALLBACK : 'off')];
  if (!level) return silent;
  const from = (name: keyof Logger) => (LEVELS[name] > level ? nothing : logger[name].bind(logger));
  return { error: from('error'), warn: from('warn'), info: from('info'), debug: from('debug') };
}

/** Whether `client` wants to know what only `debug` tells, which takes work to put together. */
export function isDebugging(client: { logLevel: LogLevel | undefined }): boolean {
  return client.logLevel === 'debug';
}

/** `level` if it is one; otherwise the default, after a warning that names `source`. */
export function checkedLevel(level: string | undefined, source: string, logger: Logger): LogLevel | undefined {
  if (level === undefined) return undefined;
  if (Object.hasOwn(LEVELS, level)) return level as LogLevel;
  logger.warn(`${source} was set to ${JSON.stringify(level)}, expected one of ${JSON.stringify(Object.keys(LEVELS))}`);
  return undefined;
}

/** Headers for a log; a value of a caller's own may be secret. */
export function redacted(headers: (string | null)[]): Record<string, string | null> {
  const shown: Record<string, string | null> = {};
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i]?.toLowerCase() ?? '';
    const isShown = SHOWN.has(name) || name.startsWith('x-stainless-');
    shown[name] = isShown ? (headers[i + 1] ?? null) : '***';
  }
  return shown;
}

/** A path, or a whole URL, without its query and without credentials. */
export function shownPath(path: string): string {
  const plain = path.replace(/[?#].*$/s, '');
  return plain.replace(/^([^/]*:\/\/)[^/]*@/, '$1');
}

/** How a call failed, without the words of the server. */
export function shownFailure(error: unknown, elapsed: number): string {
  if (error instanceof APIError && error.status !== undefined) {
    return `${error.status} in ${elapsed} ms, request id ${error.requestID ?? null}`;
  }
  return `${error instanceof Error ? error.constructor.name : typeof error} in ${elapsed} ms`;
}
