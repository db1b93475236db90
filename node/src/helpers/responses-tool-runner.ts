/** Part of the tool runners: by name and type only. */

import type OpenAI from '../index.js';
import { OpenAIError } from '../error.js';
import { type AutoParseableResponseTool } from '../lib/ResponsesParser.js';
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
import { later } from '../internal/later.js';

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

export function runnerFunction<Arguments>(
  tool: AutoParseableResponseTool<{
    name: string;
    arguments: Arguments;
  }>,
): RunnerFunction;
export function runnerFunction(): never {
  throw later('runnerFunction', 'the tool runners');
}

/** It needs the tool runners, which tailrace does not have yet: making one throws an OpenAIError. */
export class ResponsesToolRunnerError extends OpenAIError {
  declare readonly attemptedCallIds: string[];
  declare readonly completedCallIds: string[];
  constructor(message: string, attempted: string[], completed: string[]);
  constructor(...values: any[]) {
    super(...(values as ConstructorParameters<typeof OpenAIError>));
    throw later('ResponsesToolRunnerError', 'the tool runners');
  }
}

/** It needs the tool runners, which tailrace does not have yet: making one throws an OpenAIError. */
export class ResponsesToolRunner {
  close(): {
    status: 'closed' | 'draining';
  };
  close(): never {
    throw later('ResponsesToolRunner.close', 'the tool runners');
  }
  constructor(registered: ResponsesRunnerTools);
  constructor(..._values: any[]) {
    throw later('ResponsesToolRunner', 'the tool runners');
  }
  iterate(
    client: OpenAI,
    params: ResponseCreateParamsNonStreaming,
    originalOptions?: ResponsesRunnerOptions,
  ): AsyncGenerator<ResponsesRunnerTurn, void, unknown>;
  iterate(): never {
    throw later('ResponsesToolRunner.iterate', 'the tool runners');
  }
  run(client: OpenAI, params: ResponseCreateParamsNonStreaming, options?: ResponsesRunnerOptions): Promise<Response>;
  run(): never {
    throw later('ResponsesToolRunner.run', 'the tool runners');
  }
}
