/** Lets a model use a browser that the caller drives. */

import { BrowserError } from '../internal/browser/error.js';
import { BrowserExecution } from '../internal/browser/execution.js';
import { toolOf } from '../internal/browser/members.js';
import { Selection, type Choice } from '../internal/browser/selection.js';
import { RunnerLifecycle } from '../internal/runner/lifecycle.js';
import { type RunnerDiagnosticObserver } from '../internal/runner-diagnostics.js';
import {
  type FunctionTool,
  type ResponseFunctionToolCall,
  type ResponseInputImageContent,
  type ResponseInputItem,
} from '../resources/responses/responses.js';
import type { BrowserMember, Field, FieldValues, MemberFields } from '../internal/browser/members.js';

export type { RunnerDiagnostic, RunnerDiagnosticObserver } from '../internal/runner-diagnostics.js';

export { BROWSER_MEMBERS, DEFAULT_BROWSER_MEMBERS, type BrowserMember } from '../internal/browser/members.js';

export type BrowserArguments<M extends BrowserMember> = {
  [K in keyof MemberFields[M]]: FieldValues[Extract<MemberFields[M][K], Field>];
};

export interface BrowserState {
  tabs: {
    id: string;
    title: string;
    url: string;
    active: boolean;
  }[];
  observation?: BrowserObservationV1 | undefined;
}

export interface BrowserObservationV1 {
  version: 1;
  sequence: number;
  dropped_changes: number;
  title_truncated: boolean;
  changes: BrowserStateChange[];
}

export type BrowserStateChange =
  | {
      type: 'tab_opened' | 'tab_closed' | 'tab_switched' | 'navigation';
      sequence: number;
      tab_id: string;
    }
  | {
      type: 'navigation_refused';
      sequence: number;
      tab_id: string | null;
      reason: 'policy' | 'unsupported';
    }
  | {
      type: 'dialog_dismissed';
      sequence: number;
      tab_id: string;
      kind: 'alert' | 'confirm' | 'prompt' | 'beforeunload' | 'other';
    }
  | {
      type: 'download';
      sequence: number;
      tab_id: string | null;
      status: 'blocked' | 'started' | 'completed' | 'failed';
    };

declare const readOmissions: readonly [
  'report_limit',
  'text_limit',
  'target_limit',
  'work_limit',
  'frame_limit',
  'unsupported_root',
  'unsupported_control',
  'remote_action',
  'private',
  'value',
  'name_limit',
];

export interface BrowserReadOption {
  label: string;
  value: string;
  selected?: boolean | undefined;
}

export interface BrowserReadElement {
  ref: string;
  role: 'button' | 'textbox' | 'combobox' | 'checkbox' | 'radio' | 'slider' | 'listbox';
  label: string;
  value?: string | undefined;
  options?: BrowserReadOption[] | undefined;
  checked?: boolean | undefined;
}

export interface BrowserReadV1 {
  version: 1;
  text: string;
  elements: BrowserReadElement[];
  omitted: (typeof readOmissions)[number][];
}

export interface BrowserTextReadV1 extends BrowserReadV1 {
  elements: never[];
}

export interface BrowserScopedReadV1 extends BrowserReadV1 {
  scopes: {
    ref: string;
    label: string;
  }[];
}

export type BrowserFileOutcome = {
  version: 1;
  cleanup: 'not_started' | 'pending' | 'completed';
} & (
  | {
      status: 'completed';
      effect: 'completed';
    }
  | {
      status: 'refused';
      effect: 'none';
    }
  | {
      status: 'unknown';
      effect: 'unknown';
    }
  | {
      status: 'interrupted';
      effect: 'none' | 'unknown';
    }
);

export type BrowserResult<M extends BrowserMember> = M extends 'screenshot' | 'zoom'
  ? ResponseInputImageContent
  : M extends 'list_tabs'
    ? BrowserState
    : M extends 'read_page_scoped'
      ? BrowserScopedReadV1
      : M extends 'read_diagnostics'
        ? BrowserTextReadV1
        : M extends 'run_script'
          ? string
          : M extends 'upload_file' | 'download_file'
            ? BrowserFileOutcome
            : M extends 'read_page' | 'get_page_text' | 'find'
              ? string | BrowserReadV1 | null | void
              : string | void;

export type BrowserDriver = {
  state: (options?: { signal: AbortSignal | undefined }) => BrowserState | Promise<BrowserState>;
} & {
  [M in Exclude<BrowserMember, 'list_tabs'>]?: (
    args: BrowserArguments<M>,
    options: {
      signal: AbortSignal | undefined;
    },
  ) => BrowserResult<M> | Promise<BrowserResult<M>>;
};

export type BrowserConfirmContext = {
  [M in BrowserMember]: {
    readonly member: M;
    readonly arguments: Readonly<BrowserArguments<M>> & Readonly<Record<string, unknown>>;
    readonly state: BrowserState;
    readonly call_id: string;
  };
}[BrowserMember];

export type BrowserReadMember =
  | 'read_page'
  | 'read_page_scoped'
  | 'read_diagnostics'
  | 'get_page_text'
  | 'find'
  | 'wait_for'
  | 'screenshot'
  | 'zoom'
  | 'list_tabs';

export type BrowserReadConfirmContext = {
  [M in BrowserReadMember]: {
    readonly phase: 'before_read';
    readonly member: M;
    readonly arguments: Readonly<BrowserArguments<M>> & Readonly<Record<string, unknown>>;
    readonly call_id: string;
    readonly state: null;
  };
}[BrowserReadMember];

export interface BrowserOptions {
  members?: readonly BrowserMember[];
  additionalMembers?: readonly BrowserMember[];
  confirm?: (
    context: BrowserConfirmContext,
    execution: {
      signal: AbortSignal | undefined;
    },
  ) => boolean | Promise<boolean>;
  urlPolicy?: (
    context: BrowserConfirmContext,
    url: string,
    execution: {
      signal: AbortSignal | undefined;
    },
  ) => boolean | Promise<boolean>;
  onDiagnostic?: RunnerDiagnosticObserver;
}

export interface BrowserReadOptions extends Omit<BrowserOptions, 'confirm'> {
  confirmReads: readonly BrowserReadMember[];
  confirm: (
    context: BrowserConfirmContext | BrowserReadConfirmContext,
    execution: {
      signal: AbortSignal | undefined;
    },
  ) => boolean | Promise<boolean>;
}

export { BrowserError };

/**
 * Does with a driver what calls of a model ask for, and tells the model the tabs as they are then.
 *
 * The browser is the caller's: it is neither opened nor closed here, and nothing is tried twice. A {@link BrowserError} of
 * the driver is told to the model, and of any other error only that there was one.
 */
export class BrowserToolset {
  readonly #lifecycle = new RunnerLifecycle();
  readonly #driver: BrowserDriver;
  readonly #options: Choice;
  readonly #selection: Selection;

  /** @throws {TypeError} A chosen member is none, or the driver lacks it, or a function that decides is missing. */
  constructor(driver: BrowserDriver, options?: BrowserOptions);
  constructor(driver: BrowserDriver, options: BrowserReadOptions);
  constructor(driver: BrowserDriver, options: Choice | BrowserReadOptions = {}) {
    this.#driver = driver;
    this.#options = { ...options } as Choice;
    this.#selection = new Selection(driver, this.#options);
  }

  /** What a request declares, so that the model knows the tools. */
  tools(): FunctionTool[] {
    return this.#selection.names.map((name) => toolOf(name));
  }

  /** Refuses later uses; one that is under way goes on to its end. */
  close(): {
    status: 'closed' | 'draining';
  } {
    return this.#lifecycle.close();
  }

  /**
   * Does what one call asks for.
   *
   * @returns The output for the model; also for an action that was declined, or that failed.
   * @throws {OpenAIError} The call is none of a chosen tool, or what the driver reports cannot be told.
   * @throws {TypeError} Another use is under way, or the toolset is closed.
   * @throws The reason of an abort.
   */
  async execute(
    call: ResponseFunctionToolCall,
    options?: {
      signal?: AbortSignal;
    },
  ): Promise<ResponseInputItem.FunctionCallOutput> {
    return (await this.executeWithStatus(call, options?.signal)).output;
  }

  /**
   * Does what one call asks for, and says whether it was done. {@link BrowserToolset.execute} names the errors.
   *
   * @param skip - Whether nothing is done, because an earlier call failed, and only the tabs are told.
   */
  async executeWithStatus(
    call: ResponseFunctionToolCall,
    signal?: AbortSignal,
    skip = false,
    onDiagnostic: RunnerDiagnosticObserver | undefined = this.#options.onDiagnostic,
  ): Promise<{
    output: ResponseInputItem.FunctionCallOutput;
    ok: boolean;
  }> {
    this.#lifecycle.enter();
    try {
      const execution = new BrowserExecution(this.#driver, this.#options, this.#selection, signal, onDiagnostic);
      return await execution.outcome(call, skip);
    } finally {
      this.#lifecycle.leave();
    }
  }
}
