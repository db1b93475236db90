/** Part of structured outputs: by name and type only. */

import { type Stream } from '../../core/streaming.js';
import { type ChatCompletionChunk } from '../../resources/chat/completions/completions.js';
import { later } from '../../internal/later.js';

export type ChatCompletionWireChunk = Omit<ChatCompletionChunk, 'choices'> & {
  choices: (Omit<ChatCompletionChunk.Choice, 'finish_reason'> & {
    finish_reason?: ChatCompletionChunk.Choice['finish_reason'];
  })[];
};

export function normalizeChatCompletionChunk(chunk: ChatCompletionWireChunk): ChatCompletionChunk;
export function normalizeChatCompletionChunk(): never {
  throw later('normalizeChatCompletionChunk', 'structured outputs');
}

export function normalizeChatCompletionStream(stream: Stream<ChatCompletionWireChunk>): Stream<ChatCompletionChunk>;
export function normalizeChatCompletionStream(): never {
  throw later('normalizeChatCompletionStream', 'structured outputs');
}
