/** A response out of the finished items that came before its last event. */

import { OpenAIError } from '../core/error.js';
import { addOutputText } from '../lib/ResponsesParser.js';
import type { Response } from '../resources/responses/responses.js';

/** Collects the items of one response. */
export class ResponseCollector {
  #items = new Map<number, unknown>();

  /** Takes note of an event. @throws {OpenAIError} It is a finished item that has not the form of one. */
  add(event: { type: string; output_index?: unknown; item?: unknown }): void {
    // A response that begins anew has nothing of the one before it.
    if (event.type === 'response.created') this.#items.clear();
    if (event.type !== 'response.output_item.done') return;
    const index = event.output_index;
    if (!Number.isSafeInteger(index) || (index as number) < 0) {
      throw new OpenAIError('Responses WebSocket output index must be a nonnegative integer');
    }
    if (!Object.hasOwn(event, 'item')) throw new OpenAIError('Responses WebSocket output item must be an own property');
    if (!isRecord(event.item)) throw new OpenAIError('Responses WebSocket output item must be an object');
    if (!isItem(event.item)) throw new OpenAIError('Invalid Responses WebSocket completed output item');
    this.#items.set(index as number, event.item);
  }

  /** The response of the last event, with all that the API leaves out. @throws {OpenAIError} There is none. */
  finish(event: object): Response {
    const given = Object.hasOwn(event, 'response') ? (event as { response: unknown }).response : undefined;
    if (!isRecord(given)) throw new OpenAIError('Responses WebSocket terminal response must be an object');
    const response = given as unknown as Response;
    response.output ??= [...this.#items].sort(([left], [right]) => left - right).map(([, item]) => item as never);
    if (!(Array.isArray(response.output) && response.output.every(isItem))) throw invalidResponse();
    const text: unknown = response.output_text ?? undefined;
    if (text === undefined) addOutputText(response);
    else if (typeof text !== 'string') throw invalidResponse();
    return response;
  }
}

function invalidResponse(): OpenAIError {
  return new OpenAIError('Invalid Responses WebSocket terminal response');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value has what the text of a response is read from. */
function isItem(value: unknown): boolean {
  if (!isTyped(value)) return false;
  return value.type !== 'message' || (Array.isArray(value.content) && value.content.every(isPart));
}

function isPart(value: unknown): boolean {
  return isTyped(value) && (value.type !== 'output_text' || typeof value.text === 'string');
}

function isTyped(value: unknown): value is Record<string, unknown> & { type: string } {
  return isRecord(value) && typeof value.type === 'string';
}
