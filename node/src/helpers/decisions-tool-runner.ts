/** Lets a model choose, step by step, which of the caller's own actions is next. */

import type OpenAI from '../index.js';
import { OpenAIError } from '../error.js';
import { type RunnerDiagnosticObserver } from '../internal/runner-diagnostics.js';
import { type Decision, type DecisionCreateParams, type DecisionInputPart } from '../resources/decisions.js';
import { DecisionsRun } from '../internal/decisions/run.js';
import { RunnerLifecycle } from '../internal/runner/lifecycle.js';

export type { RunnerDiagnostic, RunnerDiagnosticObserver } from '../internal/runner-diagnostics.js';

export type DecisionObservation = string | OwnedDecisionObservationPart[];

type OwnedDecisionObservationPart = Extract<
  DecisionInputPart,
  {
    type: 'input_text' | 'input_image';
  }
>;

export type DecisionCandidate =
  | {
      id: string;
      description: string;
      execute: () => void | Promise<void>;
      done?: false;
    }
  | {
      id: string;
      description: string;
      done: true;
      execute?: never;
    };

export interface DecisionsRunnerRegistration {
  observe: () => DecisionObservation | Promise<DecisionObservation>;
  candidates: (observation: DecisionObservation) => DecisionCandidate[] | Promise<DecisionCandidate[]>;
  verify?: (observation: DecisionObservation) => boolean | Promise<boolean>;
}

export interface DecisionsRunnerParams {
  model: string;
  input: string;
  safety_identifier?: DecisionCreateParams['safety_identifier'];
}

export interface DecisionsRunnerOptions {
  maxSteps?: number;
  signal?: AbortSignal;
  onDiagnostic?: RunnerDiagnosticObserver;
  requestOptions?: Pick<OpenAI.RequestOptions, 'headers' | 'timeout' | 'maxRetries' | 'signal'>;
}

export interface DecisionsRunResult {
  status: 'verified' | 'unverified' | 'refused';
  decisions: Decision[];
  attemptedCandidateIds: string[];
  completedCandidateIds: string[];
}

export type DecisionsRunnerErrorReason =
  | 'invalid_params'
  | 'invalid_candidates'
  | 'invalid_answer'
  | 'invalid_verification'
  | 'verification_failed'
  | 'step_limit'
  | 'failed'
  | 'cancelled';

/** A run that stopped. It keeps no error of an action, because that may hold what the action has seen. */
export class DecisionsToolRunnerError extends OpenAIError {
  override name: string = 'DecisionsToolRunnerError';
  readonly reason: DecisionsRunnerErrorReason;
  /** Actions that were begun, also those that failed. */
  readonly attemptedCandidateIds: string[];
  /** Actions that ended. */
  readonly completedCandidateIds: string[];

  constructor(reason: DecisionsRunnerErrorReason, attempted: string[], completed: string[]) {
    super('DecisionsToolRunner stopped. Inspect candidate IDs and the environment before retrying.');
    this.reason = reason;
    this.attemptedCandidateIds = attempted;
    this.completedCandidateIds = completed;
  }
}

/**
 * Looks, asks the model which of the caller's actions is next, does it, and looks again, until the one that ends it.
 *
 * The model chooses among ids only; what an action does is all the caller's.
 */
export class DecisionsToolRunner {
  readonly #lifecycle = new RunnerLifecycle();
  readonly #registration: DecisionsRunnerRegistration;

  /** @param registration - What looks, and what gives the actions for what was seen. */
  constructor(registration: DecisionsRunnerRegistration) {
    this.#registration = registration;
  }

  /** Refuses later runs; one that is under way goes on to its end. */
  close(): {
    status: 'closed' | 'draining';
  } {
    return this.#lifecycle.close();
  }

  /**
   * Runs until the model ends it or refuses.
   *
   * @returns How it ended; `verified` only if the caller's `verify` said so.
   * @throws {DecisionsToolRunnerError} It stopped before; it says why, and which actions were begun and which ended.
   * @throws {TypeError} Another run is under way, or the runner is closed.
   */
  async run(
    client: OpenAI,
    params: DecisionsRunnerParams,
    options: DecisionsRunnerOptions = {},
  ): Promise<DecisionsRunResult> {
    this.#lifecycle.enter();
    try {
      return await new DecisionsRun(client, this.#registration, params, options).result();
    } finally {
      this.#lifecycle.leave();
    }
  }
}
