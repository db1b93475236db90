/** How attempts are repeated: pauses, and a hook that has the last word. */

import { OpenAIError, type APIError } from '../core/error.js';
import { exception, type StatusError } from './failure.js';
import type { CallLog } from './log.js';
import type { Failure, FailureData, Proposal, RetryRules } from './native.cjs';
import { WireReply } from './wire-reply.js';

/** What a hook says: nothing or `true` to go on as planned, `false` to stop, or another delay in milliseconds. */
export type RetryDecision = void | boolean | number | null;

/** An attempt that failed and is about to be repeated, as `onRetry` gets it. */
export interface RetryAttempt {
  /** Requests sent so far, from 1. */
  readonly attempt: number;
  /** How many may follow the first. */
  readonly maxRetries: number;
  /** What is thrown if nothing follows. */
  readonly cause: APIError;
  /** The planned pause, in milliseconds. */
  readonly delay: number;
  /** Since the call began, in milliseconds. */
  readonly elapsed: number;
  /** What the server answered, with its body; `undefined` when no answer came. */
  readonly response: Response | undefined;
}

/**
 * How attempts are repeated, as `retry` of a client or a call.
 *
 * What is repeated, and delays that a server asks for, are as ever: connections that fail or break off, time limits, 408,
 * 409, 429, 5xx and `x-should-retry`.
 */
export interface RetryPolicy {
  /** Attempts after the first; goes before `maxRetries` of the client, and `maxRetries` of a call before this. */
  maxRetries?: number | undefined;
  /** In milliseconds, before the first retry; doubles with each one, less up to a quarter by chance. Default 500. */
  initialDelay?: number | undefined;
  /** The longest such pause, in milliseconds. Default 8000. */
  maxDelay?: number | undefined;
  /**
   * Called before each retry. What it throws ends the call. With it a stream is handed out at its first event, so that
   * a break before that is decided here, too. The `Response` of one over a `fetch` of yours is then not the one that it gave.
   */
  onRetry?: ((attempt: RetryAttempt) => RetryDecision | Promise<RetryDecision>) | undefined;
  /** `fail` throws at once when the API says that the quota is used up, where `retry` repeats it like every 429. */
  insufficientQuota?: 'retry' | 'fail' | undefined;
}

/** What a call does about its retries, beside what native code does alone. */
export interface Retrying {
  rules: RetryRules;
  /** Milliseconds before the next attempt, or `null` for none. */
  decide(proposal: Proposal): Promise<number | null>;
}

/** Where an error of the API has its code, and what it is when money rather than patience is needed. */
const QUOTA = { places: [['error', 'code'], ['error', 'type']], ruledOut: 'insufficient_quota' }; // prettier-ignore
const INITIAL_DELAY = 500;
const MAX_DELAY = 8000;

/**
 * `policy` when it is one; `undefined` for none.
 *
 * @throws {OpenAIError} It is none; the message says why.
 */
export function checkedRetry(policy: RetryPolicy | null | undefined): RetryPolicy | undefined {
  if (policy == null) return undefined;
  if (typeof policy !== 'object') {
    throw new OpenAIError(`The \`retry\` option is a ${typeof policy}; give an object, or a number as \`maxRetries\`.`);
  }
  const { maxRetries, initialDelay, maxDelay, onRetry, insufficientQuota } = policy;
  if (maxRetries !== undefined && !(Number.isSafeInteger(maxRetries) && maxRetries >= 0)) {
    throw new OpenAIError(`\`retry.maxRetries\` is ${String(maxRetries)}; give an integer that is not negative.`);
  }
  if (initialDelay !== undefined) checkedDelay(initialDelay, '`retry.initialDelay`');
  if (maxDelay !== undefined) checkedDelay(maxDelay, '`retry.maxDelay`');
  if (onRetry !== undefined && typeof onRetry !== 'function') {
    throw new OpenAIError(`\`retry.onRetry\` is a ${typeof onRetry}; give a function.`);
  }
  if (insufficientQuota !== undefined && insufficientQuota !== 'retry' && insufficientQuota !== 'fail') {
    throw new OpenAIError(`\`retry.insufficientQuota\` is ${JSON.stringify(insufficientQuota)}; give 'retry' or 'fail'.`);
  }
  return policy;
}

/** The part of the caller in the retries of a call; `undefined` when it has none and nobody reads of them. */
export function retrying(
  policy: RetryPolicy | undefined,
  log: CallLog,
  { maxRetries, statusError }: { maxRetries: number; statusError: StatusError },
): Retrying | undefined {
  if (policy === undefined && !log.tellsOutcomes) return undefined;
  const { initialDelay = INITIAL_DELAY, maxDelay = MAX_DELAY, onRetry, insufficientQuota } = policy ?? {};
  const asked = onRetry === undefined ? Number(log.tellsOutcomes) : 2;
  return {
    rules: { initialMs: initialDelay, maxMs: maxDelay, asked, ...(insufficientQuota === 'fail' ? QUOTA : { places: [] }) },
    async decide(proposal) {
      const failure = proposal.failure();
      if (failure === null) return null;
      const attempt = attemptOf(failure, maxRetries, proposal.delayMs, statusError);
      const answer = (await onRetry?.(attempt)) ?? true;
      if (answer === false) return null;
      const delay = answer === true ? attempt.delay : checkedDelay(answer, 'What `onRetry` returned');
      log.repeated(attempt.cause, attempt.attempt, delay);
      return delay;
    },
  };
}

function attemptOf(failure: Failure, maxRetries: number, delay: number, statusError: StatusError): RetryAttempt {
  const { attempts: attempt, elapsed } = JSON.parse(failure.data()) as FailureData;
  const cause = exception(failure, statusError) as APIError;
  let response: Response | undefined;
  return {
    attempt,
    maxRetries,
    cause,
    delay,
    elapsed: elapsed * 1000,
    get response() {
      const reply = response === undefined ? failure.reply() : null;
      return (response ??= reply === null ? undefined : new WireReply(reply).response());
    },
  };
}

function checkedDelay(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw new OpenAIError(`${name} is ${String(value)}; give milliseconds, a finite number that is not negative.`);
}
