/** Part of the tool runners: by name and type only. */

import { OpenAIError } from '../error.js';
import { type RunnerDiagnosticObserver } from '../internal/runner-diagnostics.js';
import {
  type FunctionTool,
  type ResponseFunctionToolCall,
  type ResponseInputImageContent,
  type ResponseInputItem,
} from '../resources/responses/responses.js';
import type { BrowserMember, Field, FieldValues, MemberFields } from '../internal/browser-members.js';
import { later } from '../internal/later.js';

export type { RunnerDiagnostic, RunnerDiagnosticObserver } from '../internal/runner-diagnostics.js';

export { BROWSER_MEMBERS, DEFAULT_BROWSER_MEMBERS, type BrowserMember } from '../internal/browser-members.js';

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

/** It needs the tool runners, which tailrace does not have yet: making one throws an OpenAIError. */
export class BrowserError extends OpenAIError {
  declare name: string;
}

/** It needs the tool runners, which tailrace does not have yet: making one throws an OpenAIError. */
export class BrowserToolset {
  constructor(driver: BrowserDriver, options?: BrowserOptions);
  constructor(driver: BrowserDriver, options: BrowserReadOptions);
  constructor(..._values: any[]) {
    throw later('BrowserToolset', 'the tool runners');
  }
  tools(): FunctionTool[];
  tools(): never {
    throw later('BrowserToolset.tools', 'the tool runners');
  }
  close(): {
    status: 'closed' | 'draining';
  };
  close(): never {
    throw later('BrowserToolset.close', 'the tool runners');
  }
  execute(
    call: ResponseFunctionToolCall,
    options?: {
      signal?: AbortSignal;
    },
  ): Promise<ResponseInputItem.FunctionCallOutput>;
  execute(): never {
    throw later('BrowserToolset.execute', 'the tool runners');
  }
  executeWithStatus(
    call: ResponseFunctionToolCall,
    signal?: AbortSignal,
    skip?: boolean,
    onDiagnostic?: RunnerDiagnosticObserver,
  ): Promise<{
    output: ResponseInputItem.FunctionCallOutput;
    ok: boolean;
  }>;
  executeWithStatus(): never {
    throw later('BrowserToolset.executeWithStatus', 'the tool runners');
  }
}
