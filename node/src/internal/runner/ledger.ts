/** What a run saves of itself, so that another one can go on from it. */

import { createHash } from 'node:crypto';
import type { ResponsesRunnerCheckpoint, ResponsesRunnerLedger } from '../../helpers/responses-tool-runner.js';
import type { Response, ResponseInputItem, ResponseOutputItem, Tool } from '../../resources/responses/responses.js';
import { detached } from '../detached.js';
import { isServerTool } from './inspection.js';

/** What stays the same in all checkpoints of a run. */
export type RunIdentity = Pick<ResponsesRunnerCheckpoint, 'max_steps' | 'tools' | 'output_override_names'>;

/** What has been begun and what has ended, which grows as the run goes on. */
export interface Receipts {
  readonly attempted: readonly string[];
  readonly completed: readonly string[];
}

/** Saves a checkpoint at each place where a run may be cut off. */
export class Ledger {
  readonly #ledger: ResponsesRunnerLedger;
  readonly #identity: RunIdentity;
  readonly #receipts: Receipts;
  readonly #history: ResponseInputItem[];
  #revision: number;
  #requests = 0;
  #items: ResponseOutputItem[] = [];
  #outputs: ResponseInputItem[] = [];

  /**
   * @param history - That of the run, which grows.
   * @throws {TypeError} There is nothing to save with, or the run has no name.
   */
  constructor(ledger: ResponsesRunnerLedger, identity: RunIdentity, receipts: Receipts, history: ResponseInputItem[]) {
    const { runId, save } = ledger as Partial<ResponsesRunnerLedger>;
    if (typeof runId !== 'string' || runId === '' || typeof save !== 'function') {
      throw new TypeError('A ledger requires a nonempty run ID and recorder.');
    }
    this.#ledger = ledger;
    this.#identity = identity;
    this.#receipts = receipts;
    this.#history = history;
    this.#revision = ledger.resumeFrom?.revision ?? 0;
  }

  /** Before a request. What a server does in it cannot be known if it is cut off. */
  async ask(requests: number): Promise<void> {
    this.#requests = requests;
    await this.#save(this.#identity.tools.some(isServerTool) ? 'pending' : 'boundary');
  }

  /** Takes an item that came; the first one of an answer is saved, the others with what is done about them. */
  async collect(item: ResponseOutputItem): Promise<void> {
    this.#items.push(detached(item));
    if (this.#items.length === 1) await this.#save('pending');
  }

  /** After the whole answer was looked at. */
  async inspect(response: Response, isFinal: boolean): Promise<void> {
    this.#items = detached(response.output);
    await this.#save(isFinal ? 'final' : 'pending', isFinal ? response : null);
  }

  /** Before something is done about a call. */
  async attempt(): Promise<void> {
    await this.#save('pending');
  }

  /** After it. */
  async finish(output: ResponseInputItem): Promise<void> {
    this.#outputs.push(detached(output));
    await this.#save('pending');
  }

  /** After all outputs became part of the history. */
  async settle(): Promise<void> {
    this.#items = [];
    this.#outputs = [];
    await this.#save('boundary');
  }

  async #save(phase: ResponsesRunnerCheckpoint['phase'], response: Response | null = null): Promise<void> {
    this.#revision += 1;
    const checkpoint: ResponsesRunnerCheckpoint = {
      version: 1,
      run_id: this.#ledger.runId,
      revision: this.#revision,
      phase,
      ...this.#identity,
      consumed_requests: this.#requests,
      history: this.#history,
      attempted_call_ids: [...this.#receipts.attempted],
      returned_call_ids: [...this.#receipts.completed],
      pending_items: this.#items,
      returned_outputs: this.#outputs,
      final_response: response,
    };
    await this.#ledger.save(detached(checkpoint));
  }
}

/** Tools as they are saved: what only those may know who ask is left out, and the address of a server is a fingerprint. */
export function savedTools(tools: Tool[]): Tool[] {
  return detached(tools).map((tool) => {
    if (tool.type !== 'mcp') return tool;
    const { authorization: _, headers: __, server_url, ...rest } = tool;
    if (typeof server_url !== 'string') return rest as Tool;
    return { ...rest, server_url: `sha256:${createHash('sha256').update(server_url).digest('hex')}` } as Tool;
  });
}
