/** A run of decisions: look, ask which of the caller's actions is next, do it, look again. */

import type { OpenAI } from '../../client.js';
import {
  DecisionsToolRunnerError,
  type DecisionObservation,
  type DecisionsRunnerOptions,
  type DecisionsRunnerParams,
  type DecisionsRunnerRegistration,
  type DecisionsRunResult,
} from '../../helpers/decisions-tool-runner.js';
import type { Decision, DecisionCreateParams } from '../../resources/decisions.js';
import type { RequestOptions } from '../request-options.js';
import { diagnosticFailure, reportDiagnostic, type RunnerDiagnostic } from '../runner-diagnostics.js';
import { chosen, ownDecision, QUESTION } from './answer.js';
import { ownCandidates, ownObservation, type Candidate } from './candidates.js';
import { DecisionsStop } from './stop.js';

/** Requests of one run, unless the caller says otherwise; the number is that of the official package. */
const MOST_STEPS = 20;

/** The sentence is that of the official package. */
const INSTRUCTIONS =
  'Choose the supplied action that makes progress on the task, or the done choice if it is finished.';

const PARAMS = ['model', 'input', 'safety_identifier'];
const OPTIONS = ['maxSteps', 'signal', 'onDiagnostic', 'requestOptions'];
const REQUEST_OPTIONS = ['headers', 'timeout', 'maxRetries', 'signal'];

type Stage = RunnerDiagnostic['stage'];

export class DecisionsRun {
  readonly #client: OpenAI;
  readonly #registration: DecisionsRunnerRegistration;
  readonly #params: DecisionsRunnerParams;
  readonly #options: DecisionsRunnerOptions;
  readonly #decisions: Decision[] = [];
  readonly #attempted: string[] = [];
  readonly #completed: string[] = [];
  #signal: AbortSignal | undefined;
  /** Where the run is, for the report of its failure. */
  #stage: Stage = 'run';
  #started = performance.now();
  #chosenId: string | null = null;

  constructor(
    client: OpenAI,
    registration: DecisionsRunnerRegistration,
    params: DecisionsRunnerParams,
    options: DecisionsRunnerOptions,
  ) {
    this.#client = client;
    this.#registration = registration;
    this.#params = params;
    this.#options = options;
  }

  /** Runs to the end. @throws {DecisionsToolRunnerError} It stopped before. */
  async result(): Promise<DecisionsRunResult> {
    try {
      const { maxSteps = MOST_STEPS } = this.#prepare();
      return await this.#turns(maxSteps);
    } catch (error) {
      const isStopped = error instanceof DecisionsStop;
      const reason = this.#signal?.aborted ? 'cancelled' : isStopped ? error.reason : 'failed';
      const isLimit = reason === 'step_limit';
      this.#report(this.#stage, isLimit ? reason : diagnosticFailure(this.#stage, this.#signal));
      throw new DecisionsToolRunnerError(reason, [...this.#attempted], [...this.#completed]);
    }
  }

  /** @throws {DecisionsStop} A parameter or an option is none. */
  #prepare(): DecisionsRunnerOptions {
    const { model, input, safety_identifier: safety } = known(this.#params, PARAMS);
    const options = known(this.#options, OPTIONS);
    const { maxSteps = MOST_STEPS, requestOptions = {}, signal } = options;
    const { signal: other } = known(requestOptions, REQUEST_OPTIONS);
    this.#signal = (signal ?? other ?? undefined) as AbortSignal | undefined;
    const isAsked = typeof model === 'string' && typeof input === 'string';
    const isSafe = safety === undefined || safety === null || typeof safety === 'string';
    if (!isAsked || !isSafe || !Number.isSafeInteger(maxSteps) || (maxSteps as number) < 1) {
      throw new DecisionsStop('invalid_params');
    }
    this.#signal?.throwIfAborted();
    const { observe, candidates, verify } = this.#registration;
    const isRegistered = [observe, candidates, verify ?? observe].every((each) => typeof each === 'function');
    if (!isRegistered) throw new DecisionsStop('failed');
    return options as DecisionsRunnerOptions;
  }

  async #turns(maxSteps: number): Promise<DecisionsRunResult> {
    for (let step = 1; step <= maxSteps; step += 1) {
      this.#chosenId = null;
      this.#enter('run');
      const observation = ownObservation(await this.#registration.observe());
      this.#signal?.throwIfAborted();
      const candidates = ownCandidates(await this.#registration.candidates(ownObservation(observation)));
      this.#signal?.throwIfAborted();
      // With nothing to choose from there is nothing to ask.
      const isOnly = candidates.length === 1;
      const candidate = isOnly ? candidates[0] : await this.#ask(observation, candidates);
      if (candidate === undefined) {
        this.#report('selection', 'refused');
        return this.#outcome('refused');
      }
      this.#chosenId = candidate.id;
      this.#report('selection', 'completed');
      if (candidate.execute === undefined) {
        const status = await this.#verify();
        if (status !== undefined) return this.#outcome(status);
        this.#enter('run');
        if (isOnly) throw new DecisionsStop('verification_failed');
      } else {
        if (step === maxSteps) throw new DecisionsStop('step_limit');
        await this.#act(candidate.id, candidate.execute);
      }
    }
    throw new DecisionsStop('step_limit');
  }

  /** Asks for the next action. @returns `undefined` when the model refused. */
  async #ask(observation: DecisionObservation, candidates: Candidate[]): Promise<Candidate | undefined> {
    this.#enter('request');
    const started = this.#started;
    const answer = await this.#client.decisions.create(this.#request(observation, candidates), {
      ...this.#options.requestOptions,
      signal: this.#signal,
    } as RequestOptions);
    this.#enter('selection');
    const decision = ownDecision(answer);
    const candidate = chosen(decision, candidates);
    this.#decisions.push(decision);
    const { onDiagnostic } = this.#options;
    reportDiagnostic(onDiagnostic, { api: 'decisions', stage: 'request', reason: 'completed' }, started, decision.usage);
    this.#signal?.throwIfAborted();
    return candidate;
  }

  #request(observation: DecisionObservation, candidates: Candidate[]): DecisionCreateParams {
    const { model, input, safety_identifier } = this.#params;
    const choices = candidates.map(({ id, description }) => ({ value: id, description }));
    return {
      model,
      ...(safety_identifier !== undefined && { safety_identifier }),
      input: [
        { role: 'user', content: input },
        { role: 'user', content: observation },
      ],
      questions: [{ type: 'choice', name: QUESTION, instructions: INSTRUCTIONS, choices }],
    };
  }

  async #act(id: string, execute: () => unknown): Promise<void> {
    this.#enter('action');
    this.#signal?.throwIfAborted();
    this.#attempted.push(id);
    await execute();
    this.#completed.push(id);
    this.#report('action', 'completed');
    this.#enter('run');
    this.#signal?.throwIfAborted();
  }

  /** Looks whether the task is done. @returns `undefined` when it is not. */
  async #verify(): Promise<'verified' | 'unverified' | undefined> {
    this.#enter('verification');
    const { verify } = this.#registration;
    let isVerified: unknown;
    if (verify) {
      const observation = ownObservation(await this.#registration.observe());
      this.#signal?.throwIfAborted();
      isVerified = await verify.call(this.#registration, observation);
      this.#signal?.throwIfAborted();
      if (typeof isVerified !== 'boolean') throw new DecisionsStop('invalid_verification');
    }
    this.#report('verification', isVerified === false ? 'refused' : 'completed');
    if (isVerified === false) return undefined;
    return isVerified === true ? 'verified' : 'unverified';
  }

  #outcome(status: DecisionsRunResult['status']): DecisionsRunResult {
    return {
      status,
      decisions: this.#decisions,
      attemptedCandidateIds: [...this.#attempted],
      completedCandidateIds: [...this.#completed],
    };
  }

  #enter(stage: Stage): void {
    this.#stage = stage;
    this.#started = performance.now();
  }

  #report(stage: Stage, reason: RunnerDiagnostic['reason']): void {
    const { onDiagnostic } = (this.#options ?? {}) as DecisionsRunnerOptions;
    reportDiagnostic(onDiagnostic, { api: 'decisions', stage, reason, call_id: this.#chosenId }, this.#started);
  }
}

/** A value that has no other members than those. @throws {DecisionsStop} It has, or is no object. */
function known(value: unknown, names: readonly string[]): Record<string, unknown> {
  const isKnown = typeof value === 'object' && value !== null && Object.keys(value).every((name) => names.includes(name));
  if (!isKnown) throw new DecisionsStop('invalid_params');
  return value as Record<string, unknown>;
}
