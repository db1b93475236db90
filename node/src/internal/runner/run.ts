/** A run of the Responses API with tools: ask, act, ask again, until there is a final answer. */

import type { OpenAI } from '../../client.js';
import {
  ResponsesToolRunnerError,
  type ResponsesRunnerOptions,
  type ResponsesRunnerTurn,
  type RunnerFunction,
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
import { Dispatch } from './dispatch.js';
import { Inspection, type Item } from './inspection.js';
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
  readonly #functions: ReadonlyMap<string, RunnerFunction>;
  readonly #options: ResponsesRunnerOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #mostSteps: number;
  readonly #request: ReturnType<typeof firstRequest>;
  readonly #inspection: Inspection;
  readonly #dispatch: Dispatch;
  #step = 0;

  /** @throws {TypeError} An option or a parameter is none that a runner can go on with. */
  constructor(
    client: OpenAI,
    functions: ReadonlyMap<string, RunnerFunction>,
    params: ResponseCreateParamsNonStreaming,
    options: ResponsesRunnerOptions,
  ) {
    const { maxSteps = MOST_STEPS } = options;
    if (!Number.isSafeInteger(maxSteps) || maxSteps < 1 || (options.eager && !options.stream)) {
      throw new TypeError('maxSteps must be positive; eager requires stream.');
    }
    this.#client = client;
    this.#functions = functions;
    this.#options = options;
    this.#signal = options.signal ?? options.requestOptions?.signal ?? undefined;
    this.#mostSteps = maxSteps;
    this.#request = firstRequest(params, [...functions.values()].map(({ tool }) => tool));
    this.#inspection = new Inspection(functions, this.#request.tools, this.#request.input);
    this.#dispatch = new Dispatch(functions, options, this.#signal);
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
        this.#open(pending),
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
    }
  }

  /** The calls whose functions let the caller answer. */
  #open(pending: ResponseOutputItem[]): Set<string> {
    const open = pending.filter((item) => item.type === 'function_call' && this.#functions.get(item.name)?.allowOutputOverride);
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
      if (output) this.#dispatch.skip(item);
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
    this.#step += 1;
    const started = performance.now();
    let answer: Omit<Answer, 'pending'>;
    try {
      answer = this.#options.stream ? await this.#streamed() : await this.#whole();
    } catch (error) {
      this.#report(diagnosticFailure('request', this.#signal), started);
      throw error;
    }
    const pending = this.#inspection.pending(answer.response);
    this.#report('completed', started, answer.response.usage);
    return { ...answer, pending };
  }

  /** Nothing is done after the last request, because its outcome could not be told to the model. */
  #requireStep(): void {
    if (this.#step >= this.#mostSteps) throw new RunnerStop('ResponsesToolRunner reached maxSteps.');
  }

  async #whole(): Promise<Omit<Answer, 'pending'>> {
    return { response: await this.#client.responses.create(this.#body(), this.#requestOptions()), early: [] };
  }

  async #streamed(): Promise<Omit<Answer, 'pending'>> {
    const stream = this.#client.responses.stream(this.#body() as ResponseStreamParams, this.#requestOptions());
    const early: ResponseInputItem[] = [];
    let isEager = this.#options.eager === true;
    for await (const event of stream) {
      await this.#options.onEvent?.(detached(event));
      if (!isEager || event.type !== 'response.output_item.done') continue;
      const item = detached(event.item);
      if (!this.#inspection.check(item as Item)) continue;
      this.#requireStep();
      // What follows waits for it, so that calls run in the order of the answer.
      if (item.type !== 'function_call') isEager = false;
      else early.push(await this.#dispatch.run(item, this.#inspection));
    }
    return { response: (await stream.finalResponse()) as Response, early };
  }

  #body(): ResponseCreateParamsNonStreaming {
    return { ...this.#request, input: [...this.#request.input] };
  }

  #requestOptions(): RequestOptions {
    const options = { ...this.#options.requestOptions, signal: this.#signal };
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
