/** Calls that run while the answer comes in which they are. */

import type { ResponsesRunnerOptions } from '../../helpers/responses-tool-runner.js';
import type { ResponseInputItem, ResponseOutputItem } from '../../resources/responses/responses.js';
import { detached } from '../detached.js';
import type { Dispatch } from './dispatch.js';
import type { Inspection, Item } from './inspection.js';
import type { Registry } from './registry.js';

/** Calls that run beside each other, unless the caller says otherwise; the number is that of the official package. */
const MOST_BESIDE = 2;

type Local = Extract<ResponseOutputItem, { type: 'function_call' | 'computer_call' }>;
type Begun = Promise<{ output: ResponseInputItem } | { error: unknown }>;

/** The early calls of one answer: a row from its first call on, up to the first that has to wait. */
export class EarlyCalls {
  readonly #registry: Registry;
  readonly #options: ResponsesRunnerOptions;
  readonly #dispatch: Dispatch;
  readonly #inspection: Inspection;
  readonly #most: number;
  readonly #outputs: ResponseInputItem[] = [];
  #running: Begun[] = [];
  readonly #isEager: boolean;
  /** Whether a call has to wait, and with it all that follow. */
  #isHeld = false;

  /** @param isEager - Whether calls may run early at all. */
  constructor(
    registry: Registry,
    options: ResponsesRunnerOptions,
    dispatch: Dispatch,
    inspection: Inspection,
    isEager: boolean,
  ) {
    this.#registry = registry;
    this.#options = options;
    this.#dispatch = dispatch;
    this.#inspection = inspection;
    this.#most = options.maxConcurrentCalls ?? MOST_BESIDE;
    this.#isEager = isEager;
  }

  /**
   * Takes an item of the answer that is whole, and runs it if it may run.
   *
   * @param requireStep - Throws when nothing may be done any more.
   * @throws {Error} It cannot be acted upon, or a call failed.
   */
  async take(item: ResponseOutputItem, requireStep: () => void): Promise<void> {
    const isPending = this.#isEager && this.#inspection.check(item as Item);
    if (this.#dispatch.ledger && this.#options.eager) await this.#dispatch.ledger.collect(item);
    if (!this.#isEager) return;
    if (!isPending) {
      if (!this.#isHeld) await this.settle();
      return;
    }
    requireStep();
    await this.#dispatch.prepare(item);
    if (this.#isHeld) return;
    // What follows waits for it, so that calls run in the order of the answer.
    if (!(await this.#mayRun(item))) {
      this.#isHeld = true;
      return;
    }
    if (this.#isIndependent(item)) {
      this.#begin(item);
      if (this.#running.length >= this.#most) await this.settle();
      return;
    }
    await this.settle();
    this.#outputs.push(await this.#dispatch.run(item, this.#inspection));
  }

  async #mayRun(item: ResponseOutputItem): Promise<boolean> {
    if (item.type === 'computer_call' ? !this.#registry.isComputerEarly : !this.#isPermitted(item)) return false;
    const { beforeEarlyCall } = this.#options;
    if (beforeEarlyCall === undefined) return true;
    const decision: unknown = await beforeEarlyCall(detached(item as Local));
    if (decision === 'execute' || decision === 'defer') return decision === 'execute';
    throw new TypeError("beforeEarlyCall gave neither 'execute' nor 'defer'.");
  }

  /** What is saved is what one call after the other did. */
  #isIndependent(item: ResponseOutputItem): boolean {
    if (this.#dispatch.ledger || item.type !== 'function_call') return false;
    return this.#registry.functions.get(item.name)?.independent === true;
  }

  #isPermitted(item: ResponseOutputItem): boolean {
    return item.type === 'function_call' && this.#registry.early?.has(item.name) !== false;
  }

  #begin(item: ResponseOutputItem): void {
    this.#running.push(
      this.#dispatch.run(item, this.#inspection).then(
        (output) => ({ output }),
        (error: unknown) => ({ error }),
      ),
    );
  }

  /** Waits for the calls that run. @throws {Error} That of the first of them that failed. */
  async settle(): Promise<void> {
    for (const each of await Promise.all(this.#running)) {
      if ('error' in each) throw each.error;
      this.#outputs.push(each.output);
    }
    this.#running = [];
  }

  /** Waits for the calls that run, whatever they give. @returns Whether there were any. */
  async drained(): Promise<boolean> {
    await Promise.all(this.#running);
    return this.#running.length > 0;
  }

  /** The outputs, in the order of their calls; all calls have ended. */
  async outputs(): Promise<ResponseInputItem[]> {
    await this.settle();
    return this.#outputs;
  }
}
