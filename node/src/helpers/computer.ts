/** Lets a model use a computer that the caller drives. */

import { type OpenAI } from '../client.js';
import { type RunnerDiagnosticObserver } from '../internal/runner-diagnostics.js';
import {
  type ComputerAction,
  type Response,
  type ResponseComputerToolCall,
  type ResponseComputerToolCallOutputScreenshot,
  type ResponseCreateParamsNonStreaming,
  type ResponseInputItem,
} from '../resources/responses/responses.js';
import { OpenAIError } from '../core/error.js';
import { ACTION_NAMES, ownCall } from '../internal/computer/call.js';
import { ComputerExecution } from '../internal/computer/execution.js';
import { ComputerRun } from '../internal/computer/run.js';
import { RunnerLifecycle } from '../internal/runner/lifecycle.js';

export type { RunnerDiagnostic, RunnerDiagnosticObserver } from '../internal/runner-diagnostics.js';

export type ComputerScreenshot = ResponseComputerToolCallOutputScreenshot;

export type ComputerCallInput =
  | ResponseComputerToolCall
  | (Omit<ResponseComputerToolCall, 'action' | 'actions' | 'pending_safety_checks'> & {
      action?: never;
      actions: NonNullable<ResponseComputerToolCall['actions']>;
      pending_safety_checks?: ResponseComputerToolCall['pending_safety_checks'] | undefined;
    });

export interface ComputerDriver {
  click: (
    action: ComputerAction.Click,
    options: {
      signal: AbortSignal | undefined;
    },
  ) => void | Promise<void>;
  double_click: (
    action: ComputerAction.DoubleClick,
    options: {
      signal: AbortSignal | undefined;
    },
  ) => void | Promise<void>;
  drag: (
    action: ComputerAction.Drag,
    options: {
      signal: AbortSignal | undefined;
    },
  ) => void | Promise<void>;
  keypress: (
    action: ComputerAction.Keypress,
    options: {
      signal: AbortSignal | undefined;
    },
  ) => void | Promise<void>;
  move: (
    action: ComputerAction.Move,
    options: {
      signal: AbortSignal | undefined;
    },
  ) => void | Promise<void>;
  screenshot: (options: { signal: AbortSignal | undefined }) => ComputerScreenshot | Promise<ComputerScreenshot>;
  scroll: (
    action: ComputerAction.Scroll,
    options: {
      signal: AbortSignal | undefined;
    },
  ) => void | Promise<void>;
  type: (
    action: ComputerAction.Type,
    options: {
      signal: AbortSignal | undefined;
    },
  ) => void | Promise<void>;
  wait: (
    action: ComputerAction.Wait,
    options: {
      signal: AbortSignal | undefined;
    },
  ) => void | Promise<void>;
}

export interface ComputerExecutionOptions {
  approveSafetyChecks?: (
    call: ResponseComputerToolCall,
    context: {
      signal: AbortSignal | undefined;
    },
  ) => boolean | Promise<boolean>;
  beforeAction?: (
    action: ComputerAction,
    call: ResponseComputerToolCall,
    context: {
      signal: AbortSignal | undefined;
    },
  ) => boolean | Promise<boolean>;
  signal?: AbortSignal | undefined;
  onDiagnostic?: RunnerDiagnosticObserver;
}

export interface ComputerRunOptions extends ComputerExecutionOptions {
  maxSteps?: number;
  requestOptions?: OpenAI.RequestOptions;
}

/**
 * Does with a driver what calls of a computer ask for, and answers each with one screenshot.
 *
 * The computer is the caller's: it is neither opened nor closed here, and nothing is tried twice.
 */
export class ComputerToolset {
  readonly #lifecycle = new RunnerLifecycle();
  readonly #driver: ComputerDriver;

  /** @throws {OpenAIError} The driver lacks a method. */
  constructor(driver: ComputerDriver) {
    const methods = (driver ?? {}) as Partial<ComputerDriver>;
    if (!ACTION_NAMES.every((name) => typeof methods[name] === 'function')) {
      throw new OpenAIError('ComputerToolset requires callable computer driver methods.');
    }
    this.#driver = driver;
  }

  /** Refuses later uses; one that is under way goes on to its end. */
  close(): {
    status: 'closed' | 'draining';
  } {
    return this.#lifecycle.close();
  }

  /**
   * A copy of a call that can be acted upon.
   *
   * @throws {OpenAIError} It is not whole, has no action, or one that is none.
   */
  static validate<T extends ComputerCallInput>(call: T): T {
    return ownCall(call);
  }

  /**
   * Asks and acts until an answer has no call of the computer any more.
   *
   * @returns The last response.
   * @throws {OpenAIError} An answer is not whole, holds something else, or was the last that may be asked for; an action
   *   was not approved.
   * @throws {TypeError} A parameter or an option is none that a run can go on with, or another use is under way.
   * @throws What the driver or an approval throws, or the reason of an abort.
   */
  async run(client: OpenAI, params: ResponseCreateParamsNonStreaming, options: ComputerRunOptions = {}): Promise<Response> {
    const signal = options.signal ?? options.requestOptions?.signal ?? undefined;
    const own = { ...options, signal };
    return this.#use(() => new ComputerRun(client, new ComputerExecution(this.#driver, own), params, own).response());
  }

  /**
   * Does what one call asks for.
   *
   * @returns The output for the model, with a screenshot that was taken after all actions.
   * @throws {OpenAIError} The call is none that can be acted upon, or an action was not approved.
   * @throws {TypeError} Another use is under way, or the toolset is closed.
   * @throws What the driver or an approval throws, or the reason of an abort.
   */
  async execute(call: ComputerCallInput, options: ComputerExecutionOptions = {}): Promise<ResponseInputItem.ComputerCallOutput> {
    return this.#use(async () => new ComputerExecution(this.#driver, { ...options }).output(ownCall(call)));
  }

  async #use<T>(work: () => Promise<T>): Promise<T> {
    this.#lifecycle.enter();
    try {
      return await work();
    } finally {
      this.#lifecycle.leave();
    }
  }
}
