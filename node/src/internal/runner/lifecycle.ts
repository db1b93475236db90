/** Who may use a runner: one run at a time, and none once it is closed. */

export class RunnerLifecycle {
  #isBusy = false;
  #isClosed = false;

  /** Begins a run. @throws {TypeError} Another one is under way, or the runner is closed. */
  enter(): void {
    if (this.#isClosed) throw new TypeError('Helper is closed.');
    if (this.#isBusy) throw new TypeError('Helper is busy.');
    this.#isBusy = true;
  }

  /** Ends a run. */
  leave(): void {
    this.#isBusy = false;
  }

  /** Refuses all later runs; one that is under way goes on to its end. */
  close(): { status: 'closed' | 'draining' } {
    this.#isClosed = true;
    return { status: this.#isBusy ? 'draining' : 'closed' };
  }
}
