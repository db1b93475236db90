/** The events of the steps of a run in a stream of an assistant. */

import { OpenAIError } from '../../core/error.js';
import type { AssistantStreamEvent } from '../../resources/beta/assistants.js';
import type { RunStep, RunStepDelta, ToolCall, ToolCallDelta } from '../../resources/beta/threads/runs/steps.js';
import { addDelta } from './delta-sum.js';
import type { Tell } from './message-events.js';

export type StepEvent = Extract<AssistantStreamEvent, { event: `thread.run.step.${string}` }>;

/** Steps as they grow, and the calls of tools in them; one at a time. */
export class StepEvents {
  readonly #tell: Tell;
  readonly #all = new Map<string, RunStep>();
  #call: { place: number; snapshot: ToolCall } | undefined;
  /** The step that grows; it grows in place. */
  snapshot: RunStep | undefined;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** Every step so far, in the order of their creation. */
  get all(): RunStep[] {
    return [...this.#all.values()];
  }

  /**
   * Looks at an event before it is told.
   *
   * @throws {OpenAIError} It does not go on with what came before.
   */
  check({ event, data }: StepEvent): void {
    const active = this.snapshot;
    switch (event) {
      case 'thread.run.step.created':
        if (active !== undefined) {
          throw new OpenAIError(
            `Received run-step creation for "${data.id}" before the active run step "${active.id}" reached a terminal state`,
          );
        }
        if (!this.#all.has(data.id)) return;
        throw new OpenAIError(`Received run-step creation for run step "${data.id}", which has already been created`);
      case 'thread.run.step.delta':
        if (active === undefined) throw new OpenAIError('Received a RunStepDelta before creation of a snapshot');
        break;
      case 'thread.run.step.in_progress':
      case 'thread.run.step.completed':
      case 'thread.run.step.failed':
      case 'thread.run.step.cancelled':
      case 'thread.run.step.expired':
        break;
      default:
        return;
    }
    if (active === undefined || data.id === active.id) return;
    throw new OpenAIError(`Received ${event} for run step "${data.id}", which does not match the active run step "${active.id}"`);
  }

  /**
   * Takes an event that was checked.
   *
   * @throws {Error} A delta cannot be added to what there is.
   */
  take({ event, data }: StepEvent): void {
    switch (event) {
      case 'thread.run.step.created':
        this.#set(data);
        this.#tell('runStepCreated', data);
        break;
      case 'thread.run.step.in_progress':
        this.#set(data);
        break;
      case 'thread.run.step.delta':
        this.#grow(this.snapshot as RunStep, data.delta);
        break;
      case 'thread.run.step.completed':
      case 'thread.run.step.failed':
      case 'thread.run.step.cancelled':
      case 'thread.run.step.expired':
        this.#set(data);
        this.snapshot = undefined;
        if (data.step_details.type === 'tool_calls') this.endCall();
        this.#tell('runStepDone', data, data);
    }
  }

  /** Says that the call that grew is whole. */
  endCall(): void {
    const call = this.#call;
    this.#call = undefined;
    if (call) this.#tell('toolCallDone', call.snapshot);
  }

  #set(step: RunStep): void {
    this.snapshot = step;
    this.#all.set(step.id, step);
  }

  #grow(snapshot: RunStep, delta: RunStepDelta): void {
    addDelta(snapshot as unknown as Record<string, unknown>, delta as Record<string, unknown>);
    const details = delta.step_details;
    if (details?.type === 'tool_calls' && snapshot.step_details.type === 'tool_calls') {
      for (const change of details.tool_calls ?? []) this.#growCall(change, snapshot.step_details.tool_calls);
    }
    this.#tell('runStepDelta', delta, snapshot);
  }

  #growCall(change: ToolCallDelta, calls: ToolCall[]): void {
    const snapshot = calls[change.index] as ToolCall;
    if (this.#call?.place === change.index) {
      this.#tell('toolCallDelta', change, snapshot);
      return;
    }
    this.endCall();
    this.#call = { place: change.index, snapshot };
    this.#tell('toolCallCreated', snapshot);
  }
}
