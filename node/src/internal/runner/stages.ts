/** The stages of a run, each of which is reported. */

import { diagnosticFailure, reportDiagnostic, type RunnerDiagnostic, type RunnerDiagnosticObserver } from '../runner-diagnostics.js';

/** What a stage is about. */
export type About = Pick<RunnerDiagnostic, 'call_id' | 'member'>;

type Stage = RunnerDiagnostic['stage'];

export class Stages {
  readonly #api: RunnerDiagnostic['api'];
  readonly #observer: RunnerDiagnosticObserver | undefined;
  readonly #signal: AbortSignal | undefined;

  constructor(api: RunnerDiagnostic['api'], observer: RunnerDiagnosticObserver | undefined, signal: AbortSignal | undefined) {
    this.#api = api;
    this.#observer = observer;
    this.#signal = signal;
  }

  /** Does the work of a stage, and reports that it failed if it does. */
  async attempt<T>(stage: Stage, about: About, work: () => T | Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await work();
    } catch (error) {
      this.report(stage, diagnosticFailure(stage, this.#signal), about, started);
      throw error;
    }
  }

  /** Does the work of a stage, and reports how it ended; a run that was given up meanwhile fails. */
  async finish<T>(stage: Stage, about: About, work: () => T | Promise<T>): Promise<T> {
    const started = performance.now();
    const value = await this.attempt(stage, about, async () => {
      const result = await work();
      this.#signal?.throwIfAborted();
      return result;
    });
    this.report(stage, 'completed', about, started);
    return value;
  }

  /** @param started - When the stage began, in milliseconds as `performance.now()` counts them. */
  report(stage: Stage, reason: RunnerDiagnostic['reason'], about: About, started: number): void {
    reportDiagnostic(this.#observer, { api: this.#api, stage, reason, ...about }, started);
  }
}
