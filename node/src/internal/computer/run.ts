/** A conversation that only uses a computer. */

import type { OpenAI } from '../../client.js';
import { OpenAIError } from '../../core/error.js';
import type { ComputerRunOptions } from '../../helpers/computer.js';
import { toResponseInputItem } from '../../lib/responses/ResponseInputItems.js';
import type {
  Response,
  ResponseComputerToolCall,
  ResponseCreateParamsNonStreaming,
  ResponseInputItem,
  ResponseOutputItem,
} from '../../resources/responses/responses.js';
import { detached } from '../detached.js';
import { isFinalMessage } from '../runner/inspection.js';
import { isComputer, replayable } from '../runner/request.js';
import { ownCall } from './call.js';
import type { ComputerExecution } from './execution.js';

/** Requests of one run, unless the caller says otherwise; the number is that of the official package. */
const MOST_STEPS = 20;

const KEPT: ReadonlySet<string> = new Set(['message', 'reasoning', 'compaction']);

export class ComputerRun {
  readonly #client: OpenAI;
  readonly #execution: ComputerExecution;
  readonly #options: ComputerRunOptions;
  readonly #mostSteps: number;
  readonly #request: ReturnType<typeof replayable>;
  readonly #ids = new Set<string>();

  /** @throws {TypeError} An option or a parameter is none that a run can go on with. */
  constructor(
    client: OpenAI,
    execution: ComputerExecution,
    params: ResponseCreateParamsNonStreaming,
    options: ComputerRunOptions,
  ) {
    const { maxSteps = MOST_STEPS } = options;
    if (!Number.isSafeInteger(maxSteps) || maxSteps < 1) {
      throw new TypeError('ComputerToolset maxSteps must be a positive safe integer.');
    }
    const { stream, background, previous_response_id, conversation, tools = [{ type: 'computer' as const }] } =
      params as Omit<ResponseCreateParamsNonStreaming, 'stream'> & { stream?: unknown };
    const isOne = Array.isArray(tools) && tools.length === 1 && tools.every(isComputer);
    if (stream || background || previous_response_id || conversation || !isOne) {
      throw new TypeError(
        'ComputerToolset.run requires non-streaming, foreground, one computer tool and explicit input history.',
      );
    }
    this.#client = client;
    this.#execution = execution;
    this.#options = options;
    this.#mostSteps = maxSteps;
    this.#request = replayable({ ...params, tools });
    for (const item of this.#request.input as { call_id?: string | null }[]) if (item.call_id) this.#ids.add(item.call_id);
  }

  /** Runs to the final response. */
  async response(): Promise<Response> {
    for (let step = 1; ; step += 1) {
      const response = await this.#ask(step);
      const calls = this.#calls(response);
      if (calls.length === 0) {
        if (response.output.some(isFinalMessage)) return response;
        throw new OpenAIError('ComputerToolset.run received no completed final message.');
      }
      if (step >= this.#mostSteps) {
        throw new OpenAIError('ComputerToolset.run reached maxSteps before executing another computer call.');
      }
      const outputs: ResponseInputItem[] = [];
      for (const call of calls) outputs.push(await this.#execution.output(call));
      const items = (detached(response.output as object) as ResponseOutputItem[]).map((item) => toResponseInputItem(item));
      this.#request.input.push(...items.filter((item) => item !== null), ...outputs);
      // What had to be done once is done; a model that must always use it would never end.
      if (isForced(this.#request.tool_choice)) this.#request.tool_choice = 'auto';
    }
  }

  async #ask(step: number): Promise<Response> {
    const { requestOptions, signal } = this.#options;
    signal?.throwIfAborted();
    const options = { ...requestOptions, signal };
    // One key for two requests would make the second one repeat the answer of the first.
    if (step > 1) delete options.idempotencyKey;
    try {
      return await this.#client.responses.create({ ...this.#request, input: [...this.#request.input] }, options);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }

  /** The calls of an answer, all of which can be acted upon. */
  #calls(response: Response): ResponseComputerToolCall[] {
    if (response.status !== 'completed') {
      throw new OpenAIError('ComputerToolset.run received a response that is not completed.');
    }
    const others = response.output.filter(({ type }) => type !== 'computer_call');
    if (!others.every(({ type }) => KEPT.has(type))) {
      throw new OpenAIError('ComputerToolset.run cannot handle a non-computer output item.');
    }
    const calls = response.output.filter((item) => item.type === 'computer_call').map((call) => ownCall(call));
    for (const { call_id } of calls) {
      if (this.#ids.has(call_id)) throw new OpenAIError('ComputerToolset.run received a duplicate computer call identity.');
      this.#ids.add(call_id);
    }
    return calls;
  }
}

function isForced(choice: ResponseCreateParamsNonStreaming['tool_choice']): boolean {
  return choice === 'required' || (typeof choice === 'object' && choice !== null && isComputer(choice));
}
