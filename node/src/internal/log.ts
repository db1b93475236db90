/** What the client tells its logger: what is sent, and how every attempt ended, without anything that may be secret. */

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

/** The methods that are told; another one is a caller's own word. */
const METHODS = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);

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

/** `level` if it is one; otherwise the default, after a warning that names `source`. */
export function checkedLevel(level: string | undefined, source: string, logger: Logger): LogLevel | undefined {
  if (level === undefined) return undefined;
  if (Object.hasOwn(LEVELS, level)) return level as LogLevel;
  logger.warn(`${source} was set to ${JSON.stringify(level)}, expected one of ${JSON.stringify(Object.keys(LEVELS))}`);
  return undefined;
}

/** Tells of one call. */
export class CallLog {
  /** When the call began, as `performance.now()`. */
  readonly started = performance.now();
  readonly #log: Logger;
  readonly #level: number;
  readonly #name: string;
  #retries = 0;

  constructor(client: { logger: Logger; logLevel: LogLevel | undefined }, method: string, path: string) {
    this.#log = loggerOf(client);
    this.#level = LEVELS[client.logLevel ?? 'off'];
    this.#name = `${METHODS.has(method) ? method : '<custom>'} ${shownPath(path)}`;
  }

  /** Whether somebody reads how attempts and calls ended. */
  get tellsOutcomes(): boolean {
    return this.#level >= LEVELS.info;
  }

  /** What is about to be sent. */
  sent(headers: (string | null)[]): void {
    if (this.#level >= LEVELS.debug) this.#log.debug(`${this.#name} is sent`, { headers: redacted(headers) });
  }

  /** Attempt `attempt` failed, and the next one follows after `delay` milliseconds. */
  repeated(error: unknown, attempt: number, delay: number): void {
    this.#tell(`failed: ${shownFailure(error)}`, requestID(error), `; tried again in ${Math.round(delay)} ms`);
    this.#retries = attempt;
  }

  /** The call was answered. */
  succeeded(reply: { status: number; retries: number; header(name: string): string | null }): void {
    if (!this.tellsOutcomes) return;
    this.#retries = reply.retries;
    this.#tell(`succeeded: ${reply.status}`, reply.header('x-request-id'));
  }

  /** The call failed. */
  failed(error: unknown): void {
    this.#tell(`failed: ${shownFailure(error)}`, requestID(error));
  }

  #tell(how: string, id: string | null, then = ''): void {
    if (!this.tellsOutcomes) return;
    const elapsed = Math.round(performance.now() - this.started);
    this.#log.info(`${this.#name} ${how} after ${this.#retries} retries in ${elapsed} ms, request id ${id}${then}`);
  }
}

/** Tells that an event of a stream is no JSON; what it is may be secret. */
export function reportBroken(client: Parameters<typeof loggerOf>[0], data: string): void {
  loggerOf(client).error(`Could not parse message into JSON: it has ${data.length} characters, which are not logged`);
}

/** Headers for a log; a value of a caller's own may be secret. */
function redacted(headers: (string | null)[]): Record<string, string | null> {
  const shown: Record<string, string | null> = {};
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i]?.toLowerCase() ?? '';
    const isShown = SHOWN.has(name) || name.startsWith('x-stainless-');
    shown[name] = isShown ? (headers[i + 1] ?? null) : '***';
  }
  return shown;
}

/** A path, or a whole URL, without its query and without credentials. */
function shownPath(path: string): string {
  const plain = path.replace(/[?#].*$/s, '');
  return plain.replace(/^([^/]*:\/\/)[^/]*@/, '$1');
}

/** How an attempt failed, without the words of the server. */
function shownFailure(error: unknown): string {
  if (error instanceof APIError && error.status !== undefined) return String(error.status);
  return error instanceof Error ? error.constructor.name : typeof error;
}

function requestID(error: unknown): string | null {
  return error instanceof APIError ? (error.requestID ?? null) : null;
}
