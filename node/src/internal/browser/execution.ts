/** Does what a call of a browser asks for, and tells the model the state of the tabs after it. */

import { OpenAIError } from '../../core/error.js';
import type { BrowserDriver, BrowserObservationV1, BrowserState } from '../../helpers/browser.js';
import type { ResponseFunctionToolCall, ResponseInputItem } from '../../resources/responses/responses.js';
import { detached } from '../detached.js';
import { diagnosticFailure, reportDiagnostic, type RunnerDiagnostic, type RunnerDiagnosticObserver } from '../runner-diagnostics.js';
import { BrowserError } from './error.js';
import { FIELDS } from './fields.js';
import { fieldsOf, NAVIGATIONS, READ_ONLY, type BrowserMember } from './members.js';
import { ownResult } from './results.js';
import type { Choice, Selection } from './selection.js';
import { ownState } from './state.js';

type Arguments = Record<string, unknown>;
type Stage = RunnerDiagnostic['stage'];
type Decide = (...values: unknown[]) => unknown;

/** What came of a call, and whether it did what it asked for. */
export interface BrowserOutcome {
  output: ResponseInputItem.FunctionCallOutput;
  ok: boolean;
}

interface Attempt {
  result?: unknown;
  error?: string;
}

/** One use of a driver. */
export class BrowserExecution {
  readonly #driver: BrowserDriver;
  readonly #options: Choice;
  readonly #selection: Selection;
  readonly #signal: AbortSignal | undefined;
  readonly #observer: RunnerDiagnosticObserver | undefined;
  #callId = '';
  #member: BrowserMember = 'list_tabs';

  constructor(
    driver: BrowserDriver,
    options: Choice,
    selection: Selection,
    signal: AbortSignal | undefined,
    observer: RunnerDiagnosticObserver | undefined,
  ) {
    this.#driver = driver;
    this.#options = options;
    this.#selection = selection;
    this.#signal = signal;
    this.#observer = observer;
  }

  /**
   * @param isSkipped - Whether nothing is done, because an earlier call failed.
   * @throws {OpenAIError} The call is none of a chosen tool, or what the driver reports cannot be told.
   * @throws The reason of an abort.
   */
  async outcome(call: ResponseFunctionToolCall, isSkipped: boolean): Promise<BrowserOutcome> {
    const text = this.#admit(call);
    this.#signal?.throwIfAborted();
    const isGuarded = this.#selection.guarded.has(this.#member);
    if (isGuarded && !(await this.#mayRead(text, isSkipped))) return this.#told({ error: 'Read declined.' });
    if (!isSkipped && this.#isConfirmed() && typeof this.#options.confirm !== 'function') {
      throw new OpenAIError('Browser operation failed.');
    }
    const state = await this.#state(undefined);
    const attempt = await this.#attempted(text, state, isSkipped);
    this.#signal?.throwIfAborted();
    return this.#told(attempt, await this.#state(state.observation));
  }

  /** Looks at a call. @returns Its arguments, as the model wrote them. */
  #admit(call: unknown): unknown {
    const { type, status, call_id, name, arguments: text } = structuredClone(call ?? {}) as Record<string, unknown>;
    const member = this.#selection.names.find((each) => `browser_${each}` === name);
    if (type !== 'function_call' || status !== 'completed' || typeof call_id !== 'string' || member === undefined) {
      throw new OpenAIError('BrowserToolset requires a completed registered call.');
    }
    this.#callId = call_id;
    this.#member = member;
    return text;
  }

  /** Whether the caller decides about the action itself, and not about the read before it. */
  #isConfirmed(): boolean {
    return !READ_ONLY.has(this.#member) && !this.#selection.guarded.has(this.#member);
  }

  /** Asks for a read before anything is read, the tabs included. */
  async #mayRead(text: unknown, isSkipped: boolean): Promise<boolean> {
    let stage: Stage = 'arguments';
    const started = performance.now();
    try {
      if (isSkipped) throw new BrowserError();
      const [phase, member, call_id] = ['before_read', this.#member, this.#callId];
      const context = { phase, member, arguments: readArguments(this.#member, text), call_id, state: null };
      stage = 'approval';
      if (!(await this.#decided(this.#options.confirm as Decide, context))) throw new BrowserError();
    } catch {
      this.#report(stage, diagnosticFailure(stage, this.#signal), started);
      this.#signal?.throwIfAborted();
      return false;
    }
    this.#report('approval', 'completed', started);
    return true;
  }

  async #decided(decide: Decide, ...values: unknown[]): Promise<boolean> {
    const verdict = await decide(...values, { signal: this.#signal });
    this.#signal?.throwIfAborted();
    return verdict === true;
  }

  async #state(previous: BrowserObservationV1 | undefined): Promise<BrowserState> {
    let own: BrowserState | undefined;
    try {
      own = ownState(await this.#driver.state({ signal: this.#signal }), previous);
    } catch {
      // What it threw may tell what a page shows.
    }
    this.#signal?.throwIfAborted();
    if (own === undefined) throw new OpenAIError('Browser state report failed.');
    return own;
  }

  async #attempted(text: unknown, state: BrowserState, isSkipped: boolean): Promise<Attempt> {
    let stage: Stage = 'arguments';
    let started = performance.now();
    let returned: unknown;
    try {
      if (isSkipped) {
        throw new BrowserError('Skipped because an earlier browser call failed. Observe current state and replan.');
      }
      const args = readArguments(this.#member, text);
      stage = 'approval';
      await this.#approve(args, state);
      if (this.#member === 'list_tabs') return { result: state };
      if (this.#isConfirmed()) this.#report(stage, 'completed', started);
      stage = 'action';
      started = performance.now();
      returned = await this.#selection.methods.get(this.#member)?.(args, { signal: this.#signal });
      this.#signal?.throwIfAborted();
    } catch (error) {
      this.#report(stage, diagnosticFailure(stage, this.#signal), started);
      this.#signal?.throwIfAborted();
      return { error: error instanceof BrowserError ? error.message : 'Browser operation failed.' };
    }
    const { result, failure } = ownResult(this.#member, returned);
    if (failure !== undefined) {
      this.#report('output', 'invalid_output', started);
      throw new OpenAIError(failure);
    }
    this.#report(stage, 'completed', started);
    return { result };
  }

  async #approve(args: Arguments, state: BrowserState): Promise<void> {
    const context = (): unknown =>
      detached({ member: this.#member, arguments: args, state: { ...state }, call_id: this.#callId });
    const { confirm, urlPolicy } = this.#options;
    const url = NAVIGATIONS.has(this.#member) ? args.url : null;
    if (url !== null && !(await this.#decided(urlPolicy as Decide, context(), url))) {
      throw new BrowserError('URL policy declined navigation.');
    }
    if (this.#isConfirmed() && !(await this.#decided(confirm as Decide, context()))) {
      throw new BrowserError('Action declined.');
    }
  }

  #told({ result, error }: Attempt, state?: BrowserState): BrowserOutcome {
    const isImage = this.#member === 'screenshot' || this.#member === 'zoom';
    const isFile = this.#member === 'upload_file' || this.#member === 'download_file';
    const ok = error === undefined && (!isFile || (result as { status: string }).status === 'completed');
    const text = JSON.stringify({ ok, ...(!isImage && { result }), error, state });
    const output = [{ type: 'input_text' as const, text }, ...(isImage && ok ? [result] : [])];
    return { ok, output: { type: 'function_call_output', call_id: this.#callId, output: output as never } };
  }

  #report(stage: Stage, reason: RunnerDiagnostic['reason'], started: number): void {
    const about = { call_id: this.#callId, member: this.#member };
    reportDiagnostic(this.#observer, { api: 'browser', stage, reason, ...about }, started);
  }
}

/** The arguments of a call. @throws {BrowserError} They are not those of the tool. @throws {SyntaxError} They are no JSON. */
function readArguments(member: BrowserMember, text: unknown): Arguments {
  const args: unknown = JSON.parse(text as string);
  if (typeof args !== 'object' || args === null || Array.isArray(args)) {
    throw new BrowserError('Browser arguments must be an object.');
  }
  const fields = fieldsOf(member);
  const names = Object.keys(fields);
  if (Object.keys(args).length !== names.length || !names.every((name) => Object.hasOwn(args, name))) {
    throw new BrowserError('Browser arguments contain missing or unknown fields.');
  }
  const own = args as Arguments;
  if (!names.every((name) => FIELDS[fields[name] as keyof typeof FIELDS].accepts(own[name]))) {
    throw new BrowserError('Invalid browser argument value.');
  }
  return own;
}
