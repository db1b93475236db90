/** Part of the tool runners: by name and type only. */

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
import { later } from '../internal/later.js';

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

/** It needs the tool runners, which tailrace does not have yet: making one throws an OpenAIError. */
export class ComputerToolset {
  constructor(driver: ComputerDriver);
  constructor(..._values: any[]) {
    throw later('ComputerToolset', 'the tool runners');
  }
  close(): {
    status: 'closed' | 'draining';
  };
  close(): never {
    throw later('ComputerToolset.close', 'the tool runners');
  }
  static validate<T extends ComputerCallInput>(call: T): T;
  static validate(): never {
    throw later('ComputerToolset.validate', 'the tool runners');
  }
  run(client: OpenAI, params: ResponseCreateParamsNonStreaming, options?: ComputerRunOptions): Promise<Response>;
  run(): never {
    throw later('ComputerToolset.run', 'the tool runners');
  }
  execute(call: ComputerCallInput, options?: ComputerExecutionOptions): Promise<ResponseInputItem.ComputerCallOutput>;
  execute(): never {
    throw later('ComputerToolset.execute', 'the tool runners');
  }
}
