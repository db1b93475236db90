/** A turn of an agent, event by event. */

import { OpenAIError } from '../../core/error.js';
import { withoutKey } from '../../internal/agents/idempotency.js';
import { onAbort } from '../../internal/on-abort.js';
import { type RequestOptions } from '../../internal/request-options.js';
import { userAbort } from '../../internal/user-abort.js';
import { type AgentOutputFormat, type AgentResult } from '../beta/agents/output-format-types.js';
import { agentFormatParser, parseAgentResultPromise } from '../beta/agents/parse-result.js';
import { ResultCollection } from '../beta/agents/result-collection.js';
import { AgentToolDispatcher } from '../beta/agents/tool-dispatcher.js';
import { type AgentToolError } from '../beta/agents/tool-error.js';
import {
  type AgentFunctionCallOutputParam,
  type AgentSessionEvent,
  type AgentSessionInputMessageParam,
} from '../../resources/beta/agents/agents.js';
import { type Sessions } from '../../resources/beta/agents/sessions/sessions.js';
import { TurnState } from './turn-state.js';

export type AgentToolOutput = AgentFunctionCallOutputParam | object | null;

export type AgentToolHandler = (arguments_: Record<string, unknown>) => AgentToolOutput | PromiseLike<AgentToolOutput>;

export type AgentSessionStreamParams<T = never> = {
  outputFormat?: AgentOutputFormat<T>;
  input: string | AgentSessionInputMessageParam[];
  toolHandlers?: Record<string, AgentToolHandler>;
  onToolError?: (failure: AgentToolError) => void | PromiseLike<void>;
  idempotencyKey?: string;
} & ([T] extends [never]
  ? unknown
  : {
      outputFormat: AgentOutputFormat<T>;
    });

/**
 * The events of one turn of a session that is idle, with what answers its calls.
 *
 * Nothing is sent before somebody reads. The events are asked for before the input is sent, so that none is missed; the
 * first turn of the agent itself is the one that is followed. Leaving the loop, or `abort`, closes the connection, and the
 * turn goes on without it.
 */
export class AgentSessionStream<T = never> implements AsyncIterable<AgentSessionEvent> {
  /** Aborts requests, handlers and iteration; aborted itself when iteration ends. */
  readonly controller = new AbortController();
  readonly #sessions: Sessions;
  readonly #sessionID: string;
  readonly #params: AgentSessionStreamParams<T>;
  readonly #options: RequestOptions;
  readonly #tools: AgentToolDispatcher;
  readonly #format: AgentOutputFormat<T> | undefined;
  readonly #collection: ResultCollection;
  #isConsumed = false;
  #result: Promise<AgentResult<T>> | undefined;

  /** @throws {OpenAIError} The input is empty, or the output format has no parser. */
  constructor(sessions: Sessions, sessionID: string, params: AgentSessionStreamParams<T>, options?: RequestOptions) {
    if (params.input.length === 0) throw new OpenAIError('input must not be empty');
    this.#sessions = sessions;
    this.#sessionID = sessionID;
    this.#params = params;
    this.#options = options ?? {};
    this.#format = agentFormatParser<T>(params.outputFormat);
    if (params.outputFormat && !this.#format) {
      throw new OpenAIError('outputFormat must have its own parser function');
    }
    this.#tools = new AgentToolDispatcher(
      sessions,
      params.toolHandlers ?? {},
      this.controller,
      this.#options,
      params.onToolError,
    );
    this.#collection = new ResultCollection(
      () => this.#events(),
      (name) => this.#tools.canHandle(name),
      sessionID,
    );
  }

  /**
   * Ends requests and iteration; the turn goes on.
   *
   * @param reason - The cause of the error that a reader gets.
   */
  abort(reason?: unknown): void {
    this.controller.abort(reason);
  }

  /**
   * The events, once.
   *
   * @throws {OpenAIError} They are read already. Iterating throws when the session is not idle or the events end early.
   * @throws {APIUserAbortError} While iterating: it was aborted.
   * @throws {APIError} While iterating: a request failed.
   */
  [Symbol.asyncIterator](): AsyncIterator<AgentSessionEvent> {
    if (this.#isConsumed) throw new OpenAIError('An AgentSessionStream can only be consumed once');
    const iterator = this.#collection.iterate();
    this.#isConsumed = true;
    return iterator;
  }

  /**
   * Keeps the messages while the caller reads, for `finalResult`.
   *
   * @throws {OpenAIError} Events have gone by.
   */
  withResultCollection(): this {
    this.#collection.enable();
    return this;
  }

  /**
   * Reads what is left of the turn, and gives its last messages.
   *
   * @throws {AgentTurnResultError} The turn came to no result.
   * @throws {AgentOutputParseError} Its output is not of the output format.
   * @throws {OpenAIError} Events have gone by uncollected.
   */
  finalResult(): Promise<AgentResult<T>> {
    this.#result ??= parseAgentResultPromise(this.#collection.finalResult(), this.#format);
    return this.#result;
  }

  async *#events(): AsyncGenerator<AgentSessionEvent> {
    const { signal } = this.controller;
    const given = this.#options.signal ?? undefined;
    const unlink = onAbort(given, () => this.controller.abort(given?.reason));
    const state = new TurnState();
    try {
      requireLife(signal);
      for await (const event of await this.#start()) {
        requireLife(signal);
        if (!state.accept(event)) continue;
        const isLast = state.terminal(event);
        const answer = this.#tools.prepare(state.call(event), this.#sessionID);
        yield event;
        requireLife(signal);
        await answer?.();
        if (isLast) return;
      }
      requireLife(signal);
      throw new OpenAIError('Session event stream ended before the turn reached idle or failed');
    } catch (error) {
      // What an abort broke off says so in its own way.
      requireLife(signal);
      throw error;
    } finally {
      unlink();
      this.controller.abort();
    }
  }

  /** Asks for the events, and then sends the input. */
  async #start(): Promise<AsyncIterable<AgentSessionEvent>> {
    const { input, idempotencyKey = this.#options.idempotencyKey ?? crypto.randomUUID() } = this.#params;
    const options = { ...withoutKey(this.#options), signal: this.controller.signal };
    const session = await this.#sessions.retrieve(this.#sessionID, options);
    if (session.status !== 'idle') {
      throw new OpenAIError(
        'sessions.stream requires an idle session; use sessions.events.stream for active sessions',
      );
    }
    const events = await this.#sessions.events.stream(this.#sessionID, {}, options);
    const messages: AgentSessionInputMessageParam[] =
      typeof input === 'string' ? [{ role: 'user', content: [{ type: 'input_text', text: input }] }] : input;
    const body = {
      events: [{ type: 'agent.session.input.message' as const, input: messages }],
      'Idempotency-Key': idempotencyKey,
    };
    await this.#sessions.events.create(this.#sessionID, body, { ...options, headers: this.#options.headers });
    return events;
  }
}

function requireLife(signal: AbortSignal): void {
  if (signal.aborted) throw userAbort(signal);
}
