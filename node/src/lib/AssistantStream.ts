/** A run of an assistant as it comes: its messages, its steps, and what there is of them so far. */

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
import { Stream } from '../core/streaming.js';
import { addDelta } from '../internal/assistants/delta-sum.js';
import { MessageEvents, type MessageEvent } from '../internal/assistants/message-events.js';
import { StepEvents, type StepEvent } from '../internal/assistants/step-events.js';
import { detached } from '../internal/detached.js';
import { buildHeaders } from '../internal/headers.js';

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

/** Where a run stands after its events; one that stopped says so, and ends the call of a tool that grew. */
const RUN_EVENTS: ReadonlyMap<string, 'goes on' | 'stopped'> = new Map([
  ['thread.run.created', 'goes on'],
  ['thread.run.queued', 'goes on'],
  ['thread.run.in_progress', 'goes on'],
  ['thread.run.cancelling', 'goes on'],
  ['thread.run.requires_action', 'stopped'],
  ['thread.run.completed', 'stopped'],
  ['thread.run.incomplete', 'stopped'],
  ['thread.run.failed', 'stopped'],
  ['thread.run.cancelled', 'stopped'],
  ['thread.run.expired', 'stopped'],
]);

/**
 * The events of a run of an assistant, and the run, the messages and the steps that they make.
 *
 * Snapshots grow in place until their end, which replaces them. A run that failed is told as a run, not as an error.
 */
export class AssistantStream extends EventStream<AssistantStreamEvents> implements AsyncIterable<AssistantStreamEvent> {
  readonly #messages = new MessageEvents((event, ...values) => this._emit(event, ...values));
  readonly #steps = new StepEvents((event, ...values) => this._emit(event, ...values));
  #event: AssistantStreamEvent | undefined;
  #run: Run | undefined;
  #final: Run | undefined;

  /** The events, as copies; an iteration that is left early aborts the stream. */
  [Symbol.asyncIterator](): AsyncIterator<AssistantStreamEvent> {
    const attach = (push: (event: AssistantStreamEvent) => void) => {
      const listener = (event: AssistantStreamEvent) => push(detached(event));
      this.on('event', listener);
      return () => void this.off('event', listener);
    };
    return this._createIterator(attach, { onReturn: () => this.abort() });
  }

  /** The stream that {@link AssistantStream.toReadableStream} wrote. */
  static fromReadableStream(stream: ReadableStream): AssistantStream {
    const events = new AssistantStream();
    events._run(() => events._fromReadableStream(stream));
    return events;
  }

  protected async _fromReadableStream(readableStream: ReadableStream, options?: RequestOptions): Promise<Run> {
    this._listenForAbort(options?.signal);
    return this.#read(Stream.fromReadableStream<AssistantStreamEvent>(readableStream, this.controller));
  }

  /** The events as newline-delimited JSON in UTF-8; cancelling it aborts the stream. */
  toReadableStream(): ReadableStream {
    return new Stream(() => this[Symbol.asyncIterator](), this.controller).toReadableStream();
  }

  /** Gives a run the outputs of its tools, and goes on with it. */
  static createToolAssistantStream(
    runId: string,
    runs: Runs,
    params: RunSubmitToolOutputsParamsStream,
    options: RequestOptions | undefined,
  ): AssistantStream {
    const stream = new AssistantStream();
    stream._run(() => stream._runToolAssistantStream(runId, runs, params, named(options)));
    return stream;
  }

  protected async _createToolAssistantStream(
    run: Runs,
    runId: string,
    params: RunSubmitToolOutputsParamsStream,
    options?: RequestOptions,
  ): Promise<Run> {
    return this.#read(await run.submitToolOutputs(runId, { ...params, stream: true }, this.#controlled(options)));
  }

  /** Starts a thread with a run. */
  static createThreadAssistantStream(
    params: ThreadCreateAndRunParamsBaseStream,
    thread: Threads,
    options?: RequestOptions,
  ): AssistantStream {
    const stream = new AssistantStream();
    stream._run(() => stream._threadAssistantStream(params, thread, named(options)));
    return stream;
  }

  /** Starts a run in a thread. */
  static createAssistantStream(
    threadId: string,
    runs: Runs,
    params: RunCreateParamsBaseStream,
    options?: RequestOptions,
  ): AssistantStream {
    const stream = new AssistantStream();
    stream._run(() => stream._runAssistantStream(threadId, runs, params, named(options)));
    return stream;
  }

  /** The last event that came. */
  currentEvent(): AssistantStreamEvent | undefined {
    return this.#event;
  }

  /** The run as its last event says. */
  currentRun(): Run | undefined {
    return this.#run;
  }

  /** The message that grows. */
  currentMessageSnapshot(): Message | undefined {
    return this.#messages.snapshot;
  }

  /** The step that grows. */
  currentRunStepSnapshot(): Runs.RunStep | undefined {
    return this.#steps.snapshot;
  }

  /** Waits for the end and gives every step; an error or an abort is thrown. */
  async finalRunSteps(): Promise<Runs.RunStep[]> {
    await this.done();
    return this.#steps.all;
  }

  /** Waits for the end and gives every message; an error or an abort is thrown. */
  async finalMessages(): Promise<Message[]> {
    await this.done();
    return this.#messages.all;
  }

  /** Waits for the end and gives the run, also one that failed; an error or an abort is thrown. */
  async finalRun(): Promise<Run> {
    await this.done();
    return this.#final as Run;
  }

  protected async _createThreadAssistantStream(
    thread: Threads,
    params: ThreadCreateAndRunParamsBase,
    options?: RequestOptions,
  ): Promise<Run> {
    return this.#read(await thread.createAndRun({ ...params, stream: true }, this.#controlled(options)));
  }

  protected async _createAssistantStream(
    run: Runs,
    threadId: string,
    params: RunCreateParamsBase,
    options?: RequestOptions,
  ): Promise<Run> {
    return this.#read(await run.create(threadId, { ...params, stream: true }, this.#controlled(options)));
  }

  /**
   * Adds a delta to a snapshot, in place.
   *
   * @returns The snapshot.
   * @throws {Error} The delta does not fit; `TypeError` when the kinds of two values differ.
   */
  static accumulateDelta(acc: Record<string, any>, delta: Record<string, any>): Record<string, any> {
    return addDelta(acc, delta);
  }

  protected _addRun(run: Run): Run {
    return run;
  }

  protected async _threadAssistantStream(
    params: ThreadCreateAndRunParamsBase,
    thread: Threads,
    options?: RequestOptions,
  ): Promise<Run> {
    return this._createThreadAssistantStream(thread, params, options);
  }

  protected async _runAssistantStream(
    threadId: string,
    runs: Runs,
    params: RunCreateParamsBase,
    options?: RequestOptions,
  ): Promise<Run> {
    return this._createAssistantStream(runs, threadId, params, options);
  }

  protected async _runToolAssistantStream(
    runId: string,
    runs: Runs,
    params: RunSubmitToolOutputsParamsStream,
    options?: RequestOptions,
  ): Promise<Run> {
    return this._createToolAssistantStream(runs, runId, params, options);
  }

  #controlled(options: RequestOptions | undefined): RequestOptions {
    this._listenForAbort(options?.signal);
    return { ...options, signal: this.controller.signal };
  }

  /** Takes all events. */
  async #read(events: Stream<AssistantStreamEvent>): Promise<Run> {
    this._connected();
    for await (const event of events) {
      // One that was on its way when a listener aborted.
      if (this.controller.signal.aborted) break;
      this.#take(event);
    }
    if (this.controller.signal.aborted) throw this._userAbortError();
    if (this.#final === undefined) throw new Error('Final run has not been received');
    this._emit('run', this.#final);
    return this._addRun(this.#final);
  }

  #take(event: AssistantStreamEvent): void {
    if (this.ended) return;
    if (isOfMessage(event)) this.#messages.check(event);
    else if (isOfStep(event)) this.#steps.check(event);
    this.#event = event;
    this._emit('event', event);
    if (isOfMessage(event)) return this.#messages.take(event);
    if (isOfStep(event)) return this.#steps.take(event);
    const place = RUN_EVENTS.get(event.event);
    if (place === undefined) return;
    this.#run = event.data as Run;
    if (place === 'goes on') return;
    this.#final = this.#run;
    this.#steps.endCall();
  }
}

/** Options of a request that says which helper it comes from, unless the caller says otherwise. */
function named(options: RequestOptions | undefined): RequestOptions {
  return { ...options, headers: buildHeaders([{ 'X-Stainless-Helper-Method': 'stream' }, options?.headers]) };
}

function isOfMessage(event: AssistantStreamEvent): event is MessageEvent {
  return event.event.startsWith('thread.message.');
}

function isOfStep(event: AssistantStreamEvent): event is StepEvent {
  return event.event.startsWith('thread.run.step.');
}
