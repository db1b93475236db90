/** Chunks of chat completions from servers that leave `finish_reason` out. */

import { Stream } from '../../core/streaming.js';
import { type ChatCompletionChunk } from '../../resources/chat/completions/completions.js';

export type ChatCompletionWireChunk = Omit<ChatCompletionChunk, 'choices'> & {
  choices: (Omit<ChatCompletionChunk.Choice, 'finish_reason'> & {
    finish_reason?: ChatCompletionChunk.Choice['finish_reason'];
  })[];
};

/** A copy of a chunk whose choices all have a `finish_reason`: `null` where there was none. */
export function normalizeChatCompletionChunk(chunk: ChatCompletionWireChunk): ChatCompletionChunk {
  if (!Array.isArray(chunk.choices)) return chunk as ChatCompletionChunk;
  const choices = chunk.choices.map((choice) => ({ ...choice, finish_reason: choice.finish_reason ?? null }));
  return { ...chunk, choices };
}

/** A stream of such copies; it aborts with the stream that it reads. */
export function normalizeChatCompletionStream(stream: Stream<ChatCompletionWireChunk>): Stream<ChatCompletionChunk> {
  const read = async function* () {
    for await (const chunk of stream) yield normalizeChatCompletionChunk(chunk);
  };
  return new Stream(read, stream.controller);
}
