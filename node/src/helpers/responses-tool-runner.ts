/** Runs the functions that a model calls, and asks again until it has a final answer. */

import type OpenAI from '../index.js';
import { OpenAIError } from '../error.js';
import { isAutoParsableTool, type AutoParseableResponseTool } from '../lib/ResponsesParser.js';
import { type RunnerDiagnosticObserver } from '../internal/runner-diagnostics.js';
import {
  type FunctionTool,
  type Response,
  type ResponseCreateParamsNonStreaming,
  type ResponseInputItem,
  type ResponseOutputItem,
  type ResponseStreamEvent,
  type Tool,
} from '../resources/responses/responses.js';
import { type BrowserToolset } from './browser.js';
import { type ComputerToolset } from './computer.js';
import { type ComputerExecutionOptions } from './computer.js';
import { parsers } from '../internal/runner/dispatch.js';
import { RunnerLifecycle } from '../internal/runner/lifecycle.js';
import { Registry } from '../internal/runner/registry.js';
import { ResponsesRun } from '../internal/runner/run.js';

export type { RunnerDiagnostic, RunnerDiagnosticObserver } from '../internal/runner-diagnostics.js';

export interface RunnerFunction {
  tool: FunctionTool;
  allowOutputOverride?: boolean;
  independent?: boolean;
  execute: (
    args: Record<string, unknown>,
    options?: {
      signal: AbortSignal | undefined;
    },
  ) => ResponseInputItem.FunctionCallOutput['output'] | Promise<ResponseInputItem.FunctionCallOutput['output']>;
}

export interface ResponsesEarlyExecution {
  functions?: readonly string[];
  computer?: boolean;
}

export interface ResponsesRunnerTools {
  browser?: BrowserToolset;
  computer?: ComputerToolset;
  functions?: RunnerFunction[];
  earlyExecution?: ResponsesEarlyExecution | null | undefined;
}

export interface ResponsesRunnerOptions {
  maxSteps?: number;
  stream?: boolean;
  eager?: boolean;
  maxConcurrentCalls?: number;
  onEvent?: (event: ResponseStreamEvent) => void | Promise<void>;
  signal?: AbortSignal;
  requestOptions?: OpenAI.RequestOptions;
  computerOptions?: ComputerExecutionOptions;
  approveMcp?: (request: Readonly<ResponseOutputItem.McpApprovalRequest>) => boolean | Promise<boolean>;
  onDiagnostic?: RunnerDiagnosticObserver;
  beforeEarlyCall?: (
    call: Readonly<
      Extract<
        ResponseOutputItem,
        {
          type: 'function_call' | 'computer_call';
        }
      >
    >,
  ) => 'execute' | 'defer' | Promise<'execute' | 'defer'>;
  ledger?: ResponsesRunnerLedger;
  contextBudget?: ResponsesContextBudget | null | undefined;
}

export interface ResponsesContextBudget {
  maxInputBytes: number;
  maxInputImages: number;
  keepRecentScreenshots?: number;
  compact?: (snapshot: {
    history: ResponseInputItem[];
    eligibleCallIds: string[];
    inputBytes: number;
    inputImages: number;
  }) =>
    | {
        dropCallIds: string[];
        summary?: string;
      }
    | Promise<{
        dropCallIds: string[];
        summary?: string;
      }>;
}

export interface ResponsesRunnerCheckpoint {
  version: 1;
  run_id: string;
  revision: number;
  phase: 'boundary' | 'pending' | 'final';
  max_steps: number;
  consumed_requests: number;
  tools: Tool[];
  output_override_names: string[];
  history: ResponseInputItem[];
  attempted_call_ids: string[];
  returned_call_ids: string[];
  pending_items: ResponseOutputItem[];
  returned_outputs: ResponseInputItem[];
  final_response: Response | null;
}

export interface ResponsesRunnerLedger {
  runId: string;
  save: (checkpoint: ResponsesRunnerCheckpoint) => void | Promise<void>;
  resumeFrom?: ResponsesRunnerCheckpoint;
}

export interface ResponsesRunnerTurn {
  readonly response: Response;
  readonly step: number;
  readonly final: boolean;
  readonly toolsExecuted: boolean;
  readonly attemptedCallIds: readonly string[];
  readonly completedCallIds: readonly string[];
  supplyOutputs: (outputs: ResponseInputItem.FunctionCallOutput[]) => void;
  appendUserText: (text: string) => void;
}

/**
 * A function for the runner out of a tool that knows how to parse its arguments and how to run.
 *
 * @throws {TypeError} The tool has no parser or nothing to run.
 */
export function runnerFunction<Arguments>(
  tool: AutoParseableResponseTool<{
    name: string;
    arguments: Arguments;
  }>,
): RunnerFunction {
  if (!isAutoParsableTool(tool) || typeof tool.$callback !== 'function') {
    throw new TypeError('runnerFunction requires a typed Responses tool with a parser and callback.');
  }
  const callback = tool.$callback as RunnerFunction['execute'];
  const declared: FunctionTool = { ...tool };
  parsers.set(declared, (text) => tool.$parseRaw(text));
  return { tool: declared, execute: (args) => callback(args) };
}

/** A run that stopped. It keeps no error of a tool, because that may hold what the tool has seen. */
export class ResponsesToolRunnerError extends OpenAIError {
  override name: string = 'ResponsesToolRunnerError';
  /** Calls that were begun, also those that failed. */
  readonly attemptedCallIds: string[];
  /** Calls that gave an output. */
  readonly completedCallIds: string[];

  constructor(message: string, attempted: string[], completed: string[]) {
    super(message);
    this.attemptedCallIds = attempted;
    this.completedCallIds = completed;
  }
}

/**
 * Asks for a response, runs the functions that it calls, tells the model what they gave, and asks again.
 *
 * Functions run in the order of their calls, once the whole answer was looked at; with `stream` and `eager` as soon as
 * their call has come, if nothing runs on a server. Independent ones then run beside each other.
 */
export class ResponsesToolRunner {
  readonly #lifecycle = new RunnerLifecycle();
  readonly #registry: Registry;

  /**
   * @param registered - The functions, whose names differ, a browser, and a computer.
   * @throws {TypeError} A function has no name, nothing to run, or the name of another, or a rule for early calls is none.
   */
  constructor(registered: ResponsesRunnerTools) {
    this.#registry = new Registry(registered ?? {});
  }

  /** Refuses later runs; one that is under way goes on to its end. */
  close(): {
    status: 'closed' | 'draining';
  } {
    return this.#lifecycle.close();
  }

  /**
   * The turns of a run, each before its functions run; leaving the loop ends the run.
   *
   * @throws {ResponsesToolRunnerError} The run stopped; it says which calls were begun and which ended.
   * @throws {TypeError} A parameter or an option is none that a runner can go on with, or another run is under way.
   */
  async *iterate(
    client: OpenAI,
    params: ResponseCreateParamsNonStreaming,
    originalOptions: ResponsesRunnerOptions = {},
  ): AsyncGenerator<ResponsesRunnerTurn, void, unknown> {
    this.#lifecycle.enter();
    try {
      yield* new ResponsesRun(client, this.#registry, params, { ...originalOptions }).turns();
    } finally {
      this.#lifecycle.leave();
    }
  }

  /** Runs to the end. @returns The last response. @throws As {@link ResponsesToolRunner.iterate}. */
  async run(
    client: OpenAI,
    params: ResponseCreateParamsNonStreaming,
    options?: ResponsesRunnerOptions,
  ): Promise<Response> {
    let last: Response | undefined;
    for await (const { response } of this.iterate(client, params, options)) last = response;
    return last as Response;
  }
}
