/** Collects what a turn of an agent says in the end. */

import {
  type AgentSession,
  type AgentSessionAssistantMessage,
  type AgentSessionEvent,
} from '../../../resources/beta/agents/agents.js';
import { type Turn } from '../../../resources/beta/agents/sessions/turns/turns.js';
import { RootTurn } from '../../../internal/agents/root-turn.js';
import { detached } from '../../../internal/detached.js';
import { AgentTurnResult } from './agent-turn-result.js';
import { AgentTurnResultError } from './agent-turn-result-error.js';

/** The events of a turn on their way to its result. */
export class AgentTurnResultCollector {
  readonly #root = new RootTurn();
  readonly #messages = new Map<string, { index: number; message: AgentSessionAssistantMessage }>();
  #sessionID: string | undefined;
  #turn: Turn | undefined;
  #actions: AgentSession['required_actions'] = [];
  #hasSessionFailed = false;
  #isReady = false;

  /** @param sessionID - Where it is known before the first event. */
  constructor(sessionID?: string) {
    this.#sessionID = sessionID;
  }

  /** Takes an event; what follows the end of the turn belongs to others. */
  accept(event: AgentSessionEvent): void {
    if (this.#isReady) return;
    const wasSelected = this.#root.id !== undefined;
    const turn = this.#root.follow(event);
    if (turn !== undefined) {
      this.#turn = detached(turn);
      if (!wasSelected) this.#sessionID = turn.session_id;
    }
    const { session } = event as { session?: AgentSession };
    if (session !== undefined) this.#takeSession(session, event.type);
    if (event.type === 'agent.session.turn.item.done') this.#takeItem(event.item, event.output_index);
  }

  #takeSession(session: AgentSession, type: AgentSessionEvent['type']): void {
    this.#sessionID ??= session.id;
    this.#actions = detached(session.required_actions ?? []);
    this.#hasSessionFailed ||= type === 'agent.session.failed';
    this.#isReady = type === 'agent.session.idle' && this.#root.hasEnded;
  }

  #takeItem(item: { type: string }, index: number): void {
    if (item.type !== 'message') return;
    const message = item as AgentSessionAssistantMessage;
    const isMine = message.turn_id === this.#root.id && this.#root.id !== undefined;
    if (!isMine || message.status !== 'completed' || message.phase === 'commentary') return;
    // A message is complete once; what a server repeats does not change it.
    if (!this.#messages.has(message.id)) this.#messages.set(message.id, { index, message: detached(message) });
  }

  /** An error with what is known until now. */
  error(reason: AgentTurnResultError['reason'], cause?: unknown): AgentTurnResultError {
    return new AgentTurnResultError(reason, this.#sessionID, this.#turn, this.#inOrder(), this.#actions, cause);
  }

  /**
   * Looks whether the turn can go on.
   *
   * @param canHandle - Whether calls of a function are answered here.
   * @throws {AgentTurnResultError} It has failed, or waits for something that nobody here does.
   */
  checkAction(canHandle: (name: string) => boolean): void {
    this.#requireLife();
    const isHandled = this.#actions.every((action) => action.type === 'function_call' && canHandle(action.name));
    if (!isHandled) throw this.error('requires_action');
  }

  /** Whether the turn has ended and its session is idle. */
  get ready(): boolean {
    return this.#isReady;
  }

  /** Forgets the messages, which the result has. */
  release(): void {
    this.#messages.clear();
  }

  /**
   * The result.
   *
   * @throws {AgentTurnResultError} There is none, or not yet.
   */
  finish(): AgentTurnResult {
    this.#requireLife();
    if (this.#actions.length > 0) throw this.error('requires_action');
    if (!this.#isReady || this.#turn?.status !== 'completed') throw this.error('observation');
    return new AgentTurnResult(this.#turn, this.#inOrder());
  }

  #requireLife(): void {
    if (this.#hasSessionFailed || this.#turn?.status === 'failed') throw this.error('failed');
    if (this.#turn?.status === 'cancelled') throw this.error('cancelled');
  }

  #inOrder(): AgentSessionAssistantMessage[] {
    return [...this.#messages.values()].sort((one, other) => one.index - other.index).map(({ message }) => message);
  }
}
