/** A run of the Responses API with tools: ask, act, ask again, until there is a final answer. */

import type { OpenAI } from '../../client.js';
import {
  ResponsesToolRunnerError,
  type ResponsesRunnerCheckpoint,
  type ResponsesRunnerLedger,
  type ResponsesRunnerOptions,
  type ResponsesRunnerTurn,
} from '../../helpers/responses-tool-runner.js';
import type { ResponseStreamParams } from '../../lib/responses/ResponseStream.js';
import { toResponseInputItem } from '../../lib/responses/ResponseInputItems.js';
import type {
  Response,
  ResponseCreateParamsNonStreaming,
  ResponseInputItem,
  ResponseOutputItem,
} from '../../resources/responses/responses.js';
import { detached } from '../detached.js';
import type { RequestOptions } from '../request-options.js';
import { diagnosticFailure, reportDiagnostic, type RunnerDiagnostic } from '../runner-diagnostics.js';
import { checkLedgerHistory, checkResume, ownCheckpoint } from './checkpoint.js';
import { ContextBudget } from './budget.js';
import { Dispatch } from './dispatch.js';
import { EarlyCalls } from './early.js';
import { Inspection, isServerTool } from './inspection.js';
import { Ledger, savedTools } from './ledger.js';
import type { Registry } from './registry.js';
import { firstRequest } from './request.js';
import { RunnerStop } from './stop.js';
import { turn } from './turn.js';

/** Requests of one run, unless the caller says otherwise; the number is that of the official package. */
const MOST_STEPS = 20;

/** What a caller is told of an error whose own message may hold what a tool has seen. */
const STOPPED = 'ResponsesToolRunner stopped. Inspect attemptedCallIds and completedCallIds before retrying.';

/** One answer with what is to be done about it. */
interface Answer {
  response: Response;
  pending: ResponseOutputItem[];
  /** Answers to the first of the pending items, which ran while the answer came. */
  early: ResponseInputItem[];
}

export class ResponsesRun {
  readonly #client: OpenAI;
  readonly #registry: Registry;
  readonly #options: ResponsesRunnerOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #mostSteps: number;
  readonly #request: ReturnType<typeof firstRequest>;
  readonly #inspection: Inspection;
  readonly #dispatch: Dispatch;
  readonly #budget: ContextBudget | undefined;
  #step = 0;

  /** @throws {TypeError} An option or a parameter is none that a runner can go on with. */
  constructor(
    client: OpenAI,
    registry: Registry,
    params: ResponseCreateParamsNonStreaming,
    options: ResponsesRunnerOptions,
  ) {
    const { ledger } = options;
    const resumed = ledger?.resumeFrom ? ownCheckpoint(ledger.resumeFrom) : undefined;
    const { maxSteps = resumed?.max_steps ?? MOST_STEPS, maxConcurrentCalls = 1 } = options;
    const { functions } = registry;
    if (!Number.isSafeInteger(maxSteps) || maxSteps < 1 || (options.eager && !options.stream)) {
      throw new TypeError('maxSteps must be positive; eager requires stream.');
    }
    if (!Number.isSafeInteger(maxConcurrentCalls) || maxConcurrentCalls < 1) {
      throw new TypeError('maxConcurrentCalls must be a positive safe integer.');
    }
    this.#client = client;
    this.#registry = registry;
    this.#options = options;
    this.#signal = options.signal ?? options.requestOptions?.signal ?? options.computerOptions?.signal;
    this.#mostSteps = maxSteps;
    this.#request = firstRequest(
      params,
      [...functions.values()].map(({ tool }) => tool),
      registry.computer !== undefined,
    );
    const fresh = this.#request.input;
    if (resumed) this.#request.input = [...asList(resumed.history), ...fresh];
    this.#inspection = new Inspection(registry, this.#request.tools, this.#request.input);
    const before = resumed && { attempted: asList(resumed.attempted_call_ids), completed: asList(resumed.returned_call_ids) };
    this.#dispatch = new Dispatch(registry, options, this.#signal, before);
    if (ledger) this.#save(ledger, resumed, fresh);
    this.#budget = options.contextBudget ? new ContextBudget(options.contextBudget, this.#request) : undefined;
  }

  /** Has the run saved, and goes on with another one. @throws {TypeError} It is none that can be saved or gone on with. */
  #save(
    ledger: ResponsesRunnerLedger,
    resumed: ResponsesRunnerCheckpoint | undefined,
    fresh: ResponseInputItem[],
  ): void {
    const { functions } = this.#registry;
    const open = [...functions.values()].filter((own) => own.allowOutputOverride);
    const identity = {
      max_steps: this.#mostSteps,
      tools: savedTools(this.#request.tools),
      output_override_names: open.map(({ tool }) => tool.name),
    };
    this.#dispatch.ledger = new Ledger(ledger, identity, this.#dispatch, this.#request.input);
    requireTransport(this.#options.requestOptions);
    if (resumed) checkResume(resumed, ledger, identity, functions, fresh);
    else checkLedgerHistory(this.#request.input);
    this.#step = resumed?.consumed_requests ?? 0;
  }

  /** The turns of the run; the tools of one run when the next is asked for. */
  async *turns(): AsyncGenerator<ResponsesRunnerTurn, void, unknown> {
    for (;;) {
      const answer = await this.#guarded(() => this.#ask());
      const { response, pending, early } = answer;
      const { attempted, completed } = this.#dispatch;
      const isFinal = pending.length === 0;
      const shown = turn(
        {
          response,
          step: this.#step,
          final: isFinal,
          toolsExecuted: early.length > 0,
          attemptedCallIds: [...attempted],
          completedCallIds: [...completed],
        },
        this.#open(pending.slice(early.length)),
        early.length > 0 && !this.#isSelective(),
      );
      // Its own copy: the caller may change what it was shown.
      const items = detached(response.output as object) as ResponseOutputItem[];
      const waiting = items.filter((_item, at) => pending.includes(response.output[at] as ResponseOutputItem));
      try {
        yield shown.seen;
      } finally {
        shown.end();
      }
      if (isFinal) return;
      await this.#guarded(() => this.#answer(items, waiting, early, shown.supplied()));
      this.#request.input.push(...shown.said.map((content) => ({ role: 'user' as const, content })));
      await this.#guarded(async () => this.#dispatch.ledger?.settle());
    }
  }

  /** Whether calls that ran early tell nothing about the rest. */
  #isSelective(): boolean {
    return this.#registry.early !== undefined || this.#options.beforeEarlyCall !== undefined;
  }

  /** The calls whose functions let the caller answer. */
  #open(pending: ResponseOutputItem[]): Set<string> {
    const open = pending.filter((item) => item.type === 'function_call' && this.#registry.functions.get(item.name)?.allowOutputOverride);
    return new Set(open.map((item) => (item as { call_id: string }).call_id));
  }

  async #answer(
    items: ResponseOutputItem[],
    waiting: ResponseOutputItem[],
    early: ResponseInputItem[],
    supplied: ReadonlyMap<string, ResponseInputItem>,
  ): Promise<void> {
    this.#requireStep();
    const outputs = [...early];
    const rest = waiting.slice(early.length);
    const given = (item: ResponseOutputItem) => supplied.get((item as { call_id?: string }).call_id ?? '');
    // All of them first: nothing is done about an answer with a call that cannot be made.
    for (const item of rest) if (!given(item)) await this.#dispatch.prepare(item);
    for (const item of rest) {
      const output = given(item);
      if (output) await this.#dispatch.skip(item, output);
      outputs.push(output ?? (await this.#dispatch.run(item, this.#inspection)));
    }
    for (const item of items) {
      const sent = toResponseInputItem(item);
      if (sent !== null) this.#request.input.push(sent);
    }
    this.#request.input.push(...outputs);
  }

  /** Sends the next request and looks at its answer. */
  async #ask(): Promise<Answer> {
    this.#signal?.throwIfAborted();
    const history = [...this.#request.input];
    const body = this.#budget
      ? { ...this.#request, truncation: 'disabled' as const, input: await this.#budget.input(history) }
      : { ...this.#request, input: history };
    if (this.#dispatch.ledger) this.#requireStep();
    this.#step += 1;
    await this.#dispatch.ledger?.ask(this.#step);
    this.#signal?.throwIfAborted();
    const started = performance.now();
    this.#dispatch.nextAnswer();
    const early = new EarlyCalls(this.#registry, this.#options, this.#dispatch, this.#inspection, this.#isEager());
    let response: Response;
    try {
      response = this.#options.stream ? await this.#streamed(body, early) : await this.#whole(body);
    } catch (error) {
      // What has begun is told with the error; where a call ran when the run was given up, that is what was given up.
      const wasBeside = await early.drained();
      if (!(wasBeside && this.#signal?.aborted)) this.#report(diagnosticFailure('request', this.#signal), started);
      throw error;
    }
    const outputs = await early.outputs();
    const pending = this.#inspection.pending(response);
    await this.#dispatch.ledger?.inspect(response, pending.length === 0);
    this.#report('completed', started, response.usage);
    return { response, pending, early: outputs };
  }

  /** Nothing is done after the last request, because its outcome could not be told to the model. */
  #requireStep(): void {
    if (this.#step >= this.#mostSteps) throw new RunnerStop('ResponsesToolRunner reached maxSteps.');
  }

  async #whole(body: ResponseCreateParamsNonStreaming): Promise<Response> {
    return this.#client.responses.create(body, this.#requestOptions());
  }

  async #streamed(body: ResponseCreateParamsNonStreaming, early: EarlyCalls): Promise<Response> {
    const stream = this.#client.responses.stream(body as ResponseStreamParams, this.#requestOptions());
    for await (const event of stream) {
      await this.#options.onEvent?.(detached(event));
      if (event.type === 'response.output_item.done') await early.take(detached(event.item), () => this.#requireStep());
    }
    return (await stream.finalResponse()) as Response;
  }

  /** What a server does cannot be looked at before the whole answer is there. */
  #isEager(): boolean {
    return this.#options.eager === true && !this.#request.tools.some(isServerTool);
  }

  #requestOptions(): RequestOptions {
    const options = { ...this.#options.requestOptions, signal: this.#signal };
    // What was sent twice was counted once.
    if (this.#dispatch.ledger) options.maxRetries = 0;
    // One key for two requests would make the second one repeat the answer of the first.
    if (this.#step > 1) delete options.idempotencyKey;
    return options;
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const message = error instanceof RunnerStop ? error.message : STOPPED;
      throw new ResponsesToolRunnerError(message, [...this.#dispatch.attempted], [...this.#dispatch.completed]);
    }
  }

  #report(reason: RunnerDiagnostic['reason'], started: number, usage?: Response['usage']): void {
    reportDiagnostic(this.#options.onDiagnostic, { api: 'responses', stage: 'request', reason }, started, usage ?? null);
  }
}

/** Options of requests that a run may have that is saved: they change neither what is sent nor how often. */
const TRANSPORT: readonly string[] = ['headers', 'timeout', 'maxRetries', 'signal'];

/** @throws {TypeError} There is another option, or requests would be sent again. */
function requireTransport(options: RequestOptions = {}): void {
  if (Object.keys(options).every((name) => TRANSPORT.includes(name)) && !options.maxRetries) return;
  throw new TypeError('Ledger requests require normal Responses transport without automatic retries.');
}

/** A list, or none where a checkpoint is not what it should be, which is said when it is looked at. */
function asList<T>(value: T[]): T[] {
  return Array.isArray(value) ? value : [];
}
