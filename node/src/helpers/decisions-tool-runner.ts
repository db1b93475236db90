/** Part of the tool runners: by name and type only. */

import type OpenAI from '../index.js';
import { OpenAIError } from '../error.js';
import { type RunnerDiagnosticObserver } from '../internal/runner-diagnostics.js';
import { type Decision, type DecisionCreateParams, type DecisionInputPart } from '../resources/decisions.js';
import { later } from '../internal/later.js';

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

/** It needs the tool runners, which tailrace does not have yet: making one throws an OpenAIError. */
export class DecisionsToolRunnerError extends OpenAIError {
  declare readonly attemptedCandidateIds: string[];
  declare readonly completedCandidateIds: string[];
  declare readonly reason: DecisionsRunnerErrorReason;
  constructor(reason: DecisionsRunnerErrorReason, attempted: string[], completed: string[]);
  constructor(...values: any[]) {
    super(...(values as ConstructorParameters<typeof OpenAIError>));
    throw later('DecisionsToolRunnerError', 'the tool runners');
  }
}

/** It needs the tool runners, which tailrace does not have yet: making one throws an OpenAIError. */
export class DecisionsToolRunner {
  constructor(registration: DecisionsRunnerRegistration);
  constructor(..._values: any[]) {
    throw later('DecisionsToolRunner', 'the tool runners');
  }
  close(): {
    status: 'closed' | 'draining';
  };
  close(): never {
    throw later('DecisionsToolRunner.close', 'the tool runners');
  }
  run(client: OpenAI, params: DecisionsRunnerParams, options?: DecisionsRunnerOptions): Promise<DecisionsRunResult>;
  run(): never {
    throw later('DecisionsToolRunner.run', 'the tool runners');
  }
}
