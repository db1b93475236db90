/** Part of the stream helpers of assistants: by name and type only. */

import {
  type Message,
  type Text,
  type ImageFile,
  type TextDelta,
  type MessageDelta,
} from '../resources/beta/threads/messages.js';
import { type RequestOptions } from '../internal/request-options.js';
import {
  type Run,
  type RunCreateParamsBase,
  type Runs,
  type RunSubmitToolOutputsParamsBase,
} from '../resources/beta/threads/runs/runs.js';
import { type ReadableStream } from '../internal/shim-types.js';
import { type AssistantStreamEvent } from '../resources/beta/assistants.js';
import {
  type RunStep,
  type RunStepDelta,
  type ToolCall,
  type ToolCallDelta,
} from '../resources/beta/threads/runs/steps.js';
import { type ThreadCreateAndRunParamsBase, type Threads } from '../resources/beta/threads/threads.js';
import { type BaseEvents } from './EventStream.js';
import { EventStream } from './EventStream.js';
import { later } from '../internal/later.js';

export interface AssistantStreamEvents extends BaseEvents {
  run: (run: Run) => void;
  messageCreated: (message: Message) => void;
  messageDelta: (message: MessageDelta, snapshot: Message) => void;
  messageDone: (message: Message) => void;
  runStepCreated: (runStep: RunStep) => void;
  runStepDelta: (delta: RunStepDelta, snapshot: Runs.RunStep) => void;
  runStepDone: (runStep: Runs.RunStep, snapshot: Runs.RunStep) => void;
  toolCallCreated: (toolCall: ToolCall) => void;
  toolCallDelta: (delta: ToolCallDelta, snapshot: ToolCall) => void;
  toolCallDone: (toolCall: ToolCall) => void;
  textCreated: (content: Text) => void;
  textDelta: (delta: TextDelta, snapshot: Text) => void;
  textDone: (content: Text, snapshot: Message) => void;
  imageFileDone: (content: ImageFile, snapshot: Message) => void;
  event: (event: AssistantStreamEvent) => void;
}

export type ThreadCreateAndRunParamsBaseStream = Omit<ThreadCreateAndRunParamsBase, 'stream'> & {
  stream?: true;
};

export type RunCreateParamsBaseStream = Omit<RunCreateParamsBase, 'stream'> & {
  stream?: true;
};

export type RunSubmitToolOutputsParamsStream = Omit<RunSubmitToolOutputsParamsBase, 'stream'> & {
  stream?: true;
};

/** It needs the stream helpers of assistants, which tailrace does not have yet: making one throws an OpenAIError. */
export class AssistantStream extends EventStream<AssistantStreamEvents> implements AsyncIterable<AssistantStreamEvent> {
  [Symbol.asyncIterator](): AsyncIterator<AssistantStreamEvent>;
  [Symbol.asyncIterator](): never {
    throw later('AssistantStream.Symbol.asyncIterator', 'the stream helpers of assistants');
  }
  static fromReadableStream(stream: ReadableStream): AssistantStream;
  static fromReadableStream(): never {
    throw later('AssistantStream.fromReadableStream', 'the stream helpers of assistants');
  }
  protected _fromReadableStream(readableStream: ReadableStream, options?: RequestOptions): Promise<Run>;
  protected _fromReadableStream(): never {
    throw later('AssistantStream._fromReadableStream', 'the stream helpers of assistants');
  }
  toReadableStream(): ReadableStream;
  toReadableStream(): never {
    throw later('AssistantStream.toReadableStream', 'the stream helpers of assistants');
  }
  static createToolAssistantStream(
    runId: string,
    runs: Runs,
    params: RunSubmitToolOutputsParamsStream,
    options: RequestOptions | undefined,
  ): AssistantStream;
  static createToolAssistantStream(): never {
    throw later('AssistantStream.createToolAssistantStream', 'the stream helpers of assistants');
  }
  protected _createToolAssistantStream(
    run: Runs,
    runId: string,
    params: RunSubmitToolOutputsParamsStream,
    options?: RequestOptions,
  ): Promise<Run>;
  protected _createToolAssistantStream(): never {
    throw later('AssistantStream._createToolAssistantStream', 'the stream helpers of assistants');
  }
  static createThreadAssistantStream(
    params: ThreadCreateAndRunParamsBaseStream,
    thread: Threads,
    options?: RequestOptions,
  ): AssistantStream;
  static createThreadAssistantStream(): never {
    throw later('AssistantStream.createThreadAssistantStream', 'the stream helpers of assistants');
  }
  static createAssistantStream(
    threadId: string,
    runs: Runs,
    params: RunCreateParamsBaseStream,
    options?: RequestOptions,
  ): AssistantStream;
  static createAssistantStream(): never {
    throw later('AssistantStream.createAssistantStream', 'the stream helpers of assistants');
  }
  currentEvent(): AssistantStreamEvent | undefined;
  currentEvent(): never {
    throw later('AssistantStream.currentEvent', 'the stream helpers of assistants');
  }
  currentRun(): Run | undefined;
  currentRun(): never {
    throw later('AssistantStream.currentRun', 'the stream helpers of assistants');
  }
  currentMessageSnapshot(): Message | undefined;
  currentMessageSnapshot(): never {
    throw later('AssistantStream.currentMessageSnapshot', 'the stream helpers of assistants');
  }
  currentRunStepSnapshot(): Runs.RunStep | undefined;
  currentRunStepSnapshot(): never {
    throw later('AssistantStream.currentRunStepSnapshot', 'the stream helpers of assistants');
  }
  finalRunSteps(): Promise<Runs.RunStep[]>;
  finalRunSteps(): never {
    throw later('AssistantStream.finalRunSteps', 'the stream helpers of assistants');
  }
  finalMessages(): Promise<Message[]>;
  finalMessages(): never {
    throw later('AssistantStream.finalMessages', 'the stream helpers of assistants');
  }
  finalRun(): Promise<Run>;
  finalRun(): never {
    throw later('AssistantStream.finalRun', 'the stream helpers of assistants');
  }
  protected _createThreadAssistantStream(
    thread: Threads,
    params: ThreadCreateAndRunParamsBase,
    options?: RequestOptions,
  ): Promise<Run>;
  protected _createThreadAssistantStream(): never {
    throw later('AssistantStream._createThreadAssistantStream', 'the stream helpers of assistants');
  }
  protected _createAssistantStream(
    run: Runs,
    threadId: string,
    params: RunCreateParamsBase,
    options?: RequestOptions,
  ): Promise<Run>;
  protected _createAssistantStream(): never {
    throw later('AssistantStream._createAssistantStream', 'the stream helpers of assistants');
  }
  static accumulateDelta(acc: Record<string, any>, delta: Record<string, any>): Record<string, any>;
  static accumulateDelta(): never {
    throw later('AssistantStream.accumulateDelta', 'the stream helpers of assistants');
  }
  protected _addRun(run: Run): Run;
  protected _addRun(): never {
    throw later('AssistantStream._addRun', 'the stream helpers of assistants');
  }
  protected _threadAssistantStream(
    params: ThreadCreateAndRunParamsBase,
    thread: Threads,
    options?: RequestOptions,
  ): Promise<Run>;
  protected _threadAssistantStream(): never {
    throw later('AssistantStream._threadAssistantStream', 'the stream helpers of assistants');
  }
  protected _runAssistantStream(
    threadId: string,
    runs: Runs,
    params: RunCreateParamsBase,
    options?: RequestOptions,
  ): Promise<Run>;
  protected _runAssistantStream(): never {
    throw later('AssistantStream._runAssistantStream', 'the stream helpers of assistants');
  }
  protected _runToolAssistantStream(
    runId: string,
    runs: Runs,
    params: RunSubmitToolOutputsParamsStream,
    options?: RequestOptions,
  ): Promise<Run>;
  protected _runToolAssistantStream(): never {
    throw later('AssistantStream._runToolAssistantStream', 'the stream helpers of assistants');
  }
}
