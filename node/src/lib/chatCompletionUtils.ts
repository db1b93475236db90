/** What a message of a chat is. */

import type {
  ChatCompletionAssistantMessageParam,
  ChatCompletionMessageParam,
  ChatCompletionToolMessageParam,
} from '../resources/chat/completions/completions.js';

type Message = ChatCompletionMessageParam | null | undefined;

/** Whether the assistant said it. */
export const isAssistantMessage = (message: Message): message is ChatCompletionAssistantMessageParam =>
  message?.role === 'assistant';

/** Whether it is the outcome of a tool. */
export const isToolMessage = (message: Message): message is ChatCompletionToolMessageParam => message?.role === 'tool';

/** Whether there is a value. */
export function isPresent<T>(obj: T | null | undefined): obj is T {
  return obj !== null && obj !== undefined;
}
