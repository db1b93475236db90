/** The events of messages in a stream of an assistant. */

import { OpenAIError } from '../../core/error.js';
import type { AssistantStreamEvents } from '../../lib/AssistantStream.js';
import type { AssistantStreamEvent } from '../../resources/beta/assistants.js';
import type { Message, MessageContent, MessageContentDelta, MessageDeltaEvent, TextDelta } from '../../resources/beta/threads/messages.js';
import { addDelta, checkPlace } from './delta-sum.js';

/** Tells the listeners of a stream. */
export type Tell = <Event extends keyof AssistantStreamEvents>(
  event: Event,
  ...values: Parameters<AssistantStreamEvents[Event]>
) => void;

export type MessageEvent = Extract<AssistantStreamEvent, { event: `thread.message.${string}` }>;

/** Messages as they grow; one at a time. */
export class MessageEvents {
  readonly #tell: Tell;
  readonly #all = new Map<string, Message>();
  /** The place of the content that grows. */
  #place: number | undefined;
  /** The message that grows; it grows in place. */
  snapshot: Message | undefined;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** Every message so far, in the order of their creation. */
  get all(): Message[] {
    return [...this.#all.values()];
  }

  /**
   * Looks at an event before it is told.
   *
   * @throws {OpenAIError} It does not go on with what came before.
   */
  check({ event, data }: MessageEvent): void {
    const active = this.snapshot;
    switch (event) {
      case 'thread.message.created':
        if (active !== undefined) {
          throw new OpenAIError(
            `Received message creation for "${data.id}" before the active message "${active.id}" reached a terminal state`,
          );
        }
        if (!this.#all.has(data.id)) return;
        throw new OpenAIError(`Received message creation for message "${data.id}", which has already been created`);
      case 'thread.message.delta':
        if (active === undefined) {
          throw new OpenAIError('Received a delta with no existing snapshot (there should be one from message creation)');
        }
        break;
      case 'thread.message.in_progress':
      case 'thread.message.completed':
      case 'thread.message.incomplete':
        if (active === undefined) throw new OpenAIError('Received thread message event with no existing snapshot');
        break;
      default:
        return;
    }
    if (data.id === active.id) return;
    throw new OpenAIError(`Received ${event} for message "${data.id}", which does not match the active message "${active.id}"`);
  }

  /**
   * Takes an event that was checked.
   *
   * @throws {OpenAIError} A delta names a place that is none.
   */
  take({ event, data }: MessageEvent): void {
    if (event === 'thread.message.created') {
      this.snapshot = data;
      this.#all.set(data.id, data);
      this.#tell('messageCreated', data);
    } else if (event === 'thread.message.delta') {
      this.#grow(this.snapshot as Message, data.delta);
    } else if (event === 'thread.message.completed' || event === 'thread.message.incomplete') {
      this.snapshot = undefined;
      this.#all.set(data.id, data);
      this.#tellDone(data);
      this.#place = undefined;
      this.#tell('messageDone', data);
    }
  }

  #grow(snapshot: Message, delta: MessageDeltaEvent['delta']): void {
    const changes = delta.content ?? [];
    const begun = changes.flatMap((change) => this.#add(snapshot.content, change));
    for (const content of begun) if (content.type === 'text') this.#tell('textCreated', content.text);
    this.#tell('messageDelta', delta, snapshot);
    for (const change of changes) {
      const content = snapshot.content[change.index];
      if (change.type === 'text' && change.text && content?.type === 'text') {
        this.#tell('textDelta', change.text as TextDelta, content.text);
      }
      if (change.index === this.#place) continue;
      this.#tellDone(snapshot);
      this.#place = change.index;
    }
  }

  /** Adds to the content at the place of a change. @returns The content, if it was not there. */
  #add(contents: MessageContent[], change: MessageContentDelta): MessageContent[] {
    checkPlace(change.index, 'content');
    const content = contents[change.index];
    if (content !== undefined) {
      addDelta(content as unknown as Record<string, unknown>, change as unknown as Record<string, unknown>);
      return [];
    }
    const begun = change as unknown as MessageContent;
    contents[change.index] = begun;
    return [begun];
  }

  /** Says that the content that grew is whole. */
  #tellDone(message: Message): void {
    const content = this.#place === undefined ? undefined : message.content[this.#place];
    if (content?.type === 'text') this.#tell('textDone', content.text, message);
    else if (content?.type === 'image_file') this.#tell('imageFileDone', content.image_file, message);
  }
}
