/** The result of a turn beside its events, which are read once for both. */

import { OpenAIError } from '../../../core/error.js';
import { type AgentSessionEvent } from '../../../resources/beta/agents/agents.js';
import { type AgentTurnResult } from './agent-turn-result.js';
import { AgentTurnResultCollector } from './agent-turn-result-collector.js';

/** Reads the events of a stream for who iterates over it, and for its result. */
export class ResultCollection {
  readonly collector: AgentTurnResultCollector;
  readonly #source: () => AsyncIterator<AgentSessionEvent>;
  readonly #canHandle: (name: string) => boolean;
  readonly #signal: AbortSignal | undefined;
  #iterator: AsyncGenerator<AgentSessionEvent> | undefined;
  #result: Promise<AgentTurnResult> | undefined;
  #isEnabled = false;
  #hasBegun = false;
  /** What ended the events before their end. */
  #failure: { error: unknown } | undefined;

  /**
   * @param canHandle - Whether calls of a function are answered by who reads the source; by default none are.
   * @param sessionID - Where it is known before the first event.
   * @param signal - Aborted when the source is given up.
   */
  constructor(
    source: () => AsyncIterator<AgentSessionEvent>,
    canHandle: (name: string) => boolean = () => false,
    sessionID?: string,
    signal?: AbortSignal,
  ) {
    this.#source = source;
    this.#canHandle = canHandle;
    this.#signal = signal;
    this.collector = new AgentTurnResultCollector(sessionID);
  }

  /**
   * Keeps from now on what the result needs.
   *
   * @throws {OpenAIError} Events have gone by.
   */
  enable(): void {
    if (this.#hasBegun && !this.#isEnabled) {
      throw new OpenAIError(
        'Call withResultCollection() before consuming events, or call finalResult() on a fresh stream.',
      );
    }
    this.#isEnabled = true;
  }

  /**
   * The events, for one reader.
   *
   * @throws {OpenAIError} There is one.
   */
  iterate(): AsyncIterator<AgentSessionEvent> {
    if (this.#iterator) throw new OpenAIError('An agent result stream can only be consumed once');
    this.#iterator = this.#events();
    return this.#iterator;
  }

  /**
   * The result; reads what is left of the turn, and then ends the events.
   *
   * @throws {OpenAIError} Events have gone by uncollected.
   * @throws {AgentTurnResultError} The turn came to no result.
   */
  finalResult(): Promise<AgentTurnResult> {
    this.#result ??= this.#collect();
    return this.#result;
  }

  async *#events(): AsyncGenerator<AgentSessionEvent> {
    this.#hasBegun = true;
    try {
      for await (const event of { [Symbol.asyncIterator]: this.#source }) {
        if (this.#isEnabled) this.collector.accept(event);
        yield event;
      }
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  async #collect(): Promise<AgentTurnResult> {
    this.enable();
    this.#iterator ??= this.#events();
    try {
      await this.#drain(this.#iterator);
      return this.#finished();
    } finally {
      this.collector.release();
      await this.#iterator.return(undefined);
    }
  }

  #finished(): AgentTurnResult {
    const { collector } = this;
    if (collector.ready) return collector.finish();
    if (this.#failure) throw collector.error('observation', this.#failure.error);
    if (this.#signal?.aborted) throw collector.error('observation', this.#signal.reason);
    return collector.finish();
  }

  async #drain(iterator: AsyncGenerator<AgentSessionEvent>): Promise<void> {
    while (!this.collector.ready) {
      // Of one that was given up that is what is said, whatever it waits for.
      if (!this.#signal?.aborted) this.collector.checkAction(this.#canHandle);
      try {
        if ((await iterator.next()).done) return;
      } catch {
        // It is kept in `#failure`.
        return;
      }
    }
  }
}
