/** Messages as the API takes them: an answer has members that it refuses in a question. */

import type {
  ChatCompletionAssistantMessageParam,
  ChatCompletionMessageParam,
  ChatCompletionMessageToolCall,
} from '../../resources/chat/completions/completions.js';

/** A message as a request carries it; what only an answer has is left out. */
export function messageForRequest(message: ChatCompletionMessageParam): ChatCompletionMessageParam {
  if (message.role !== 'assistant') return message;
  const { audio, content, function_call, name, refusal, tool_calls } = message;
  const sent: ChatCompletionAssistantMessageParam = { role: 'assistant' };
  if (audio) sent.audio = { id: audio.id };
  if (content !== undefined) sent.content = content;
  if (function_call) sent.function_call = function_call;
  if (name !== undefined) sent.name = name;
  if (refusal != null) sent.refusal = refusal;
  if (tool_calls) sent.tool_calls = tool_calls.map(callForRequest);
  return sent;
}

function callForRequest(call: ChatCompletionMessageToolCall): ChatCompletionMessageToolCall {
  if (call.type === 'custom') {
    const { id, type, custom } = call;
    return { id, type, custom: { input: custom.input, name: custom.name } };
  }
  const { id, type, function: called } = call;
  return { id, type, function: { arguments: called.arguments, name: called.name } };
}
