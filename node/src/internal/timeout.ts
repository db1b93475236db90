/** Time limits: of an attempt, and of a call as a whole. */

import { OpenAIError } from '../core/error.js';

/** The official default, in milliseconds. */
export const DEFAULT_TIMEOUT = 600_000;

/** What Node's own HTTP client gives to connecting, in milliseconds. */
const DEFAULT_CONNECT = 10_000;

/**
 * Time limits of one attempt, in milliseconds; `null` is no limit.
 *
 * What is left out has its default: 10 seconds to connect, 10 minutes for `read`, `write` and `pool`, and no limit for the
 * others. Time in which the consumer of a stream was behind counts for `total` alone.
 */
export interface Timeout {
  /** Looking up the name, TCP and TLS. */
  connect?: number | null | undefined;
  /** Waiting for any bytes of the response. */
  read?: number | null | undefined;
  /** Waiting until the connection takes more of the request. */
  write?: number | null | undefined;
  /** Waiting for a connection; never, as this package does not bound their number. */
  pool?: number | null | undefined;
  /** Waiting for the first byte of the response once the request is sent whole, on a connection that is there. */
  firstByte?: number | null | undefined;
  /**
   * The longest time between two events of a stream, where comments and other bytes do not count, or between two pieces of
   * any other body.
   */
  idle?: number | null | undefined;
  /** The whole attempt, with connecting and to the end of its body or stream. */
  total?: number | null | undefined;
}

/** Names of limits, as an exception has them; `timeout` is the official one, a number. */
export type LimitName = keyof Timeout | 'deadline' | 'timeout';

// In the order in which the native client takes them.
const DEFAULTS: Required<Record<keyof Timeout, number | null>> = {
  connect: DEFAULT_CONNECT,
  read: DEFAULT_TIMEOUT,
  write: DEFAULT_TIMEOUT,
  pool: DEFAULT_TIMEOUT,
  firstByte: null,
  idle: null,
  total: null,
};

/**
 * A timeout, as it was given.
 *
 * @throws {OpenAIError} It is none: with the official words for what is no number of milliseconds, otherwise one sentence
 *   that names the limit.
 */
export function checkedTimeout(timeout: unknown): number | Timeout {
  if (typeof timeout === 'object' && timeout !== null && !Array.isArray(timeout)) {
    for (const [name, limit] of Object.entries(timeout)) {
      if (!Object.hasOwn(DEFAULTS, name)) {
        const names = Object.keys(DEFAULTS).join(', ');
        throw new OpenAIError(`\`timeout\` has no limit \`${name}\`; its limits are ${names}.`);
      }
      if (limit !== undefined) checkedLimit(limit, `timeout.${name}`);
    }
    return timeout;
  }
  if (typeof timeout !== 'number' || !Number.isInteger(timeout)) throw new OpenAIError('timeout must be an integer');
  if (timeout < 0) throw new OpenAIError('timeout must be a positive integer');
  return timeout;
}

/**
 * A deadline in milliseconds; `null` for none.
 *
 * @throws {OpenAIError} It is no whole number of milliseconds.
 */
export function checkedDeadline(deadline: unknown): number | null {
  return checkedLimit(deadline ?? null, 'deadline');
}

/** Every limit in the order in which the native client takes them; `null` for a timeout that is one number. */
export function eachLimit(timeout: number | Timeout): (number | null)[] | null {
  if (typeof timeout === 'number') return null;
  return Object.entries(DEFAULTS).map(([name, limit]) => {
    const given = timeout[name as keyof Timeout];
    return given === undefined ? limit : given;
  });
}

/** The longest time that an attempt may take until its reply, in milliseconds. */
export function longest(timeout: number | Timeout): number {
  return typeof timeout === 'number' ? timeout : (timeout.total ?? Infinity);
}

/** A limit of the native client as JavaScript writes it. */
export function limitName(name: string | null): LimitName | undefined {
  return name === 'first_byte' ? 'firstByte' : ((name ?? undefined) as LimitName | undefined);
}

function checkedLimit(limit: unknown, name: string): number | null {
  if (limit === null) return null;
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 0) {
    const shown = typeof limit === 'number' ? String(limit) : `a ${typeof limit}`;
    throw new OpenAIError(
      `\`${name}\` must be a whole number of milliseconds, 0 or more, or null for no limit; it is ${shown}.`,
    );
  }
  return limit;
}
