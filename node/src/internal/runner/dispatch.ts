/** Runs what an answer asks for: functions, the browser, the computer, and approvals of tools on other servers. */

import type { BrowserToolset } from '../../helpers/browser.js';
import type { ComputerToolset } from '../../helpers/computer.js';
import type { ResponsesRunnerOptions } from '../../helpers/responses-tool-runner.js';
import type {
  ResponseComputerToolCall,
  ResponseFunctionToolCall,
  ResponseInputItem,
  ResponseOutputItem,
} from '../../resources/responses/responses.js';
import { detached } from '../detached.js';
import type { Inspection } from './inspection.js';
import { isOutput, type Output } from './outputs.js';
import type { Ledger, Receipts } from './ledger.js';
import type { Registered, Registry } from './registry.js';
import { Stages } from './stages.js';
import { RunnerStop } from './stop.js';

type Pending = Extract<ResponseOutputItem, { type: 'function_call' | 'computer_call' | 'mcp_approval_request' }>;
type Approval = Extract<ResponseOutputItem, { type: 'mcp_approval_request' }>;

/** What reads the arguments of a function that was made out of a typed tool, by the declaration that the model gets. */
export const parsers = new WeakMap<object, (text: string) => unknown>();

/** What was begun and what ended in one run. */
export class Dispatch {
  /** Calls that were begun, also those that failed. */
  readonly attempted: string[];
  /** Calls that gave an output. */
  readonly completed: string[];
  readonly #registry: Registry;
  readonly #options: ResponsesRunnerOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #stages: Stages;
  /** Where it is saved what was begun and what has ended. */
  ledger: Ledger | undefined;
  /** Whether the browser has not done what a call of this answer asked for, so that it does none that follows. */
  #hasBrowserFailed = false;
  /** Arguments that were read, by their calls. */
  readonly #arguments = new WeakMap<object, Record<string, unknown>>();

  /** @param before - What was begun and ended in the run that this one goes on with. */
  constructor(
    registry: Registry,
    options: ResponsesRunnerOptions,
    signal: AbortSignal | undefined,
    before: Receipts = { attempted: [], completed: [] },
  ) {
    this.attempted = [...before.attempted];
    this.completed = [...before.completed];
    this.#registry = registry;
    this.#options = options;
    this.#signal = signal;
    this.#stages = new Stages('responses', options.onDiagnostic, signal);
  }

  /** Begins with the calls of another answer. */
  nextAnswer(): void {
    this.#hasBrowserFailed = false;
  }

  /** Reads the arguments of a call, unless that was done; the browser reads its own, and tells the model what is wrong. */
  async prepare(item: ResponseOutputItem): Promise<void> {
    if (item.type !== 'function_call' || this.#arguments.has(item)) return;
    const about = { call_id: item.call_id, member: item.name };
    const own = this.#registry.functions.get(item.name) as Registered;
    if (own.execute === undefined) return;
    this.#arguments.set(item, await this.#stages.attempt('arguments', about, () => argumentsOf(own, item.arguments)));
  }

  /** Counts an item that the caller has answered. */
  async skip(item: ResponseOutputItem, output: ResponseInputItem): Promise<void> {
    const { call_id } = item as ResponseFunctionToolCall;
    await this.#begin(call_id);
    await this.#end(call_id, output);
  }

  /** The answer to one item. */
  async run(item: ResponseOutputItem, inspection: Inspection): Promise<ResponseInputItem> {
    this.#signal?.throwIfAborted();
    const pending = item as Pending;
    if (pending.type === 'function_call') return this.#call(pending);
    return pending.type === 'computer_call' ? this.#use(pending) : this.#approve(pending, inspection);
  }

  async #call(call: ResponseFunctionToolCall): Promise<ResponseInputItem.FunctionCallOutput> {
    const own = this.#registry.functions.get(call.name) as Registered;
    const { execute } = own;
    if (execute === undefined) return this.#browse(call);
    const about = { call_id: call.call_id, member: call.name };
    // One that is ready begins at once, before anything else happens.
    if (!this.#arguments.has(call)) await this.prepare(call);
    const args = this.#arguments.get(call) ?? {};
    if (this.ledger) await this.#begin(call.call_id);
    else this.attempted.push(call.call_id);
    const started = performance.now();
    const context = this.#signal === undefined ? undefined : { signal: this.#signal };
    const output: unknown = await this.#stages.attempt('action', about, () => execute.call(own, args, context));
    this.#stages.report('action', 'completed', about, started);
    await this.#stages.attempt('output', about, () => requireOutput(output));
    return this.#end(call.call_id, { type: 'function_call_output', call_id: call.call_id, output: output as Output });
  }

  async #browse(call: ResponseFunctionToolCall): Promise<ResponseInputItem.FunctionCallOutput> {
    await this.#begin(call.call_id);
    const browser = this.#registry.browser as BrowserToolset;
    const isSkipped = this.#hasBrowserFailed;
    const { output, ok } = await browser.executeWithStatus(call, this.#signal, isSkipped, this.#options.onDiagnostic);
    await this.#end(call.call_id, output);
    this.#hasBrowserFailed ||= !ok;
    // Whether a call that failed has changed something is not known, so that a saved run cannot simply go on.
    if (!ok && this.ledger) throw new RunnerStop('Ledger run needs external reconciliation.');
    return output;
  }

  async #use(call: ResponseComputerToolCall): Promise<ResponseInputItem.ComputerCallOutput> {
    await this.#begin(call.call_id);
    const { computerOptions, onDiagnostic = computerOptions?.onDiagnostic } = this.#options;
    const options = { ...computerOptions, onDiagnostic, signal: this.#signal };
    return this.#end(call.call_id, await (this.#registry.computer as ComputerToolset).execute(call, options));
  }

  async #approve(request: Approval, inspection: Inspection): Promise<ResponseInputItem> {
    const about = { call_id: request.id, member: request.name };
    await this.#begin(request.id);
    const started = performance.now();
    const approve = await this.#stages.attempt('approval', about, async () => {
      const answer: unknown = await this.#options.approveMcp?.(Object.freeze(detached(request)));
      if (typeof answer === 'boolean') return answer;
      throw new RunnerStop('MCP approval requires a literal true or false from approveMcp.');
    });
    this.#stages.report('approval', approve ? 'completed' : 'refused', about, started);
    if (approve) inspection.approve(request.id);
    return this.#end(request.id, { type: 'mcp_approval_response', approval_request_id: request.id, approve });
  }

  async #begin(id: string): Promise<void> {
    this.attempted.push(id);
    await this.ledger?.attempt();
  }

  async #end<T extends ResponseInputItem>(id: string, output: T): Promise<T> {
    this.completed.push(id);
    await this.ledger?.finish(output);
    return output;
  }
}

/** The arguments of a call: read by the parser of the tool that it was made out of, else as an object of JSON. */
function argumentsOf({ tool }: Registered, text: string): Record<string, unknown> {
  const parser = parsers.get(tool);
  if (parser !== undefined) return parser(text) as Record<string, unknown>;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RunnerStop('Function arguments must be an object.');
  }
  return value as Record<string, unknown>;
}

function requireOutput(output: unknown): void {
  if (!isOutput(output)) throw new TypeError('A function gave neither text nor parts of a message.');
}
