/** A stream of a response that keeps the response so far and parses the whole one. */

import { OpenAIError, type SchemaViolationError } from '../../core/error.js';
import { Stream } from '../../core/streaming.js';
import {
  type ParsedResponse,
  type Response,
  type ResponseCreatedEvent,
  type ResponseCreateParamsBase,
  type ResponseFunctionToolCall,
  type ResponseOutputMessage,
  type ResponseOutputText,
  type ResponseStreamEvent,
  type ResponseTextConfig,
} from '../../resources/responses/responses.js';
import { type RequestOptions } from '../../internal/request-options.js';
import { type ReadableStream } from '../../internal/shim-types.js';
import type OpenAI from '../../index.js';
import { EventStream } from '../EventStream.js';
import { type BaseEvents } from '../EventStream.js';
import {
  type ParsedResponseStreamEvent,
  type ResponseFunctionCallArgumentsDeltaEvent,
  type ResponseTextDeltaEvent,
} from './EventTypes.js';
import {
  maybeParseResponse,
  resolveResponseParseOptions,
  type ParseableToolsParams,
  type ResponseParseOptions,
  type ResponseParserTextFormat,
  type ResponseParsingInput,
} from '../ResponsesParser.js';
import { strictnessOf, type Strictness } from '../../internal/structured/attempts.js';
import {
  correctedInput,
  refuseToAskAgain,
  ResponseGuards,
  schemaOfTextFormat,
} from '../../internal/structured/response-guards.js';
import { type DeepPartial, type ElementAt } from '../../internal/structured/partial-types.js';
import { isAnswer } from '../../internal/structured/phase.js';
import { StructuredView } from '../../internal/structured/structured-view.js';
import { withHelperMethod } from '../../internal/structured/helper-method.js';
import { accumulateResponse } from './ResponseAccumulator.js';

export type ResponseStreamParams = ResponseCreateAndStreamParams | ResponseStreamByIdParams;

export type ResponseCreateAndStreamParams = Omit<ResponseCreateParamsBase, 'stream'> &
  ResponseParsingInput & {
    stream?: true;
  };

export type ResponseStreamByIdParams = {
  response_id: string;
  starting_after?: number;
  text?: ResponseTextConfig;
  tools?: ParseableToolsParams;
};

type ResponseEvents = BaseEvents &
  Omit<
    {
      [K in ResponseStreamEvent['type']]: (
        event: Extract<
          ResponseStreamEvent,
          {
            type: K;
          }
        >,
      ) => void;
    },
    'response.output_text.delta' | 'response.function_call_arguments.delta' | 'error'
  > & {
    event: (event: ResponseStreamEvent) => void;
    'response.output_text.delta': (event: ResponseTextDeltaEvent) => void;
    'response.function_call_arguments.delta': (event: ResponseFunctionCallArgumentsDeltaEvent) => void;
  };

export type ResponseStreamingParams = Omit<ResponseCreateParamsBase, 'stream'> & {
  stream?: true;
};

/**
 * The events of a response, as they come, and the response that they make.
 *
 * Listeners get each event under its type, and every one as `event`; deltas of text and of arguments come to their listeners
 * with the `snapshot` so far. `for await` gives the events as they came.
 */
export class ResponseStream<ParsedT = null>
  extends EventStream<ResponseEvents>
  implements AsyncIterable<ResponseStreamEvent>
{
  readonly #params: ResponseStreamingParams | null;
  #snapshot: Response | undefined;
  #final: ParsedResponse<ParsedT> | undefined;
  #strictness: Strictness | undefined;
  readonly #view = new StructuredView<ParsedT>((attach) => this._createIterator(attach));
  /** Where the text is that {@link ResponseStream.partial} shows: the first one of an answer. */
  #viewed: string | undefined;

  /** @param params - The request, whose formats and tools say what is parsed. */
  constructor(params: ResponseStreamingParams | null) {
    super();
    this.#params = params;
  }

  /** Asks for a response, or for the events of one that is there. */
  static createResponse<ParsedT>(
    client: OpenAI,
    params: ResponseStreamParams,
    options?: ResponseParseOptions,
  ): ResponseStream<ParsedT> {
    // Told at once, not by the stream: without parameters there is nothing to begin.
    if (typeof params !== 'object' || params === null) {
      throw new TypeError('A stream of a response needs parameters: those of a new one, or a `response_id`.');
    }
    const stream = new ResponseStream<ParsedT>(params as ResponseCreateAndStreamParams);
    const { getTextFormat, requestOptions } = resolveResponseParseOptions(params, options);
    const format = getTextFormat({ body: requestOptions.body ?? params });
    const { strictness, rest } = strictnessOf(requestOptions, schemaOfTextFormat(format));
    if ('response_id' in params) refuseToAskAgain(strictness?.attempts);
    stream.#strictness = strictness;
    const sent = { ...rest, headers: withHelperMethod(rest.headers, 'stream') };
    stream._run(() => stream._createOrRetrieveResponse(client, params, sent, getTextFormat));
    return stream;
  }

  /** The events in a stream of lines of JSON, such as `toReadableStream()` of a stream writes. */
  static fromReadableStream(stream: ReadableStream): ResponseStream<null> {
    const events = new ResponseStream<null>(null);
    events._run(() => events._fromReadableStream(stream));
    return events;
  }

  protected async _createOrRetrieveResponse(
    client: OpenAI,
    params: ResponseStreamParams,
    options?: RequestOptions,
    getTextFormat?: (prepared: RequestOptions) => ResponseParserTextFormat,
  ): Promise<ParsedResponse<ParsedT>> {
    this._listenForAbort(options?.signal);
    const sent = { ...options, signal: this.controller.signal };
    if ('response_id' in params) {
      const events = await client.responses.retrieve(params.response_id, { stream: true }, sent);
      const violation = await this.#read(events, params.starting_after);
      if (violation !== undefined) throw violation;
      return this.#parsed(getTextFormat?.({ body: params }));
    }
    let body = { ...(params as ResponseCreateParamsBase), stream: true as const };
    for (;;) {
      const violation = await this.#read(await client.responses.create(body, sent));
      if (violation === undefined) return this.#parsed(getTextFormat?.({ body: options?.body ?? body }));
      if (this.attempt >= (this.#strictness?.attempts ?? 1)) throw violation;
      this.#snapshot = undefined;
      this.#viewed = undefined;
      this.#view.refuse();
      body = { ...body, input: correctedInput(body.input, violation) };
    }
  }

  protected async _fromReadableStream(
    readableStream: ReadableStream,
    options?: RequestOptions,
  ): Promise<ParsedResponse<ParsedT>> {
    this._listenForAbort(options?.signal);
    await this.#read(Stream.fromReadableStream<ResponseStreamEvent>(readableStream, this.controller));
    return this.#parsed();
  }

  /** Iterates over the events as they came; leaving the loop early aborts the request. */
  [Symbol.asyncIterator](this: ResponseStream<ParsedT>): AsyncIterator<ResponseStreamEvent> {
    return this._createIterator<ResponseStreamEvent>(
      (push) => {
        this.on('event', push);
        return () => this.off('event', push);
      },
      { onReturn: () => this.abort() },
    );
  }

  /**
   * The answer so far, of a request for JSON; it grows in place, and is `undefined` before anything of it came. After a refused
   * answer it is that of the next one.
   */
  get partial(): DeepPartial<ParsedT> | undefined {
    return this.#view.value;
  }

  /** {@link ResponseStream.partial} after each event that changed it; who reads slowly gets it as it is by then. */
  partials(): AsyncIterableIterator<DeepPartial<ParsedT>> {
    return this.#view.values();
  }

  /**
   * The elements of an array of the answer, each as soon as it is whole.
   *
   * After a refused answer (`onInvalid: 'retry'`) the elements of the next one come, from its first one on; what of the refused
   * one was not taken yet is dropped. {@link ResponseStream.attempt} tells which answer an element is of.
   *
   * @param path - The array's place: names with dots between (`plan.steps`), or a JSON pointer (`/plan/steps`); `*` is any name or
   * index.
   */
  items<Path extends string>(path: Path): AsyncIterableIterator<ElementAt<ParsedT, Path>> {
    return this.#view.elements(path);
  }

  /** Which request the answer is to: 1, and with `onInvalid: 'retry'` one more after each answer that was refused. */
  get attempt(): number {
    return this.#view.attempt;
  }

  /**
   * Waits for the end of the stream.
   *
   * @returns The response, also one that is incomplete or failed.
   * @throws {SchemaViolationError} A text cannot fit its schema, and `onInvalid` was set.
   * @throws {OpenAIError} The stream broke off, was aborted or had no events, or what it said could not be parsed.
   */
  async finalResponse(): Promise<ParsedResponse<ParsedT>> {
    await this.done();
    if (this.#final === undefined) throw new OpenAIError('The stream ended without a response.');
    return this.#final;
  }

  /**
   * Takes all events.
   *
   * @param after - Number of the last event that the caller has; the ones up to it are read, but not handed out.
   * @returns What is wrong with a text that its schema does not allow.
   */
  async #read(
    events: Stream<ResponseStreamEvent>,
    after?: number | null,
  ): Promise<SchemaViolationError | undefined> {
    this._connected();
    const guards = this.#strictness && new ResponseGuards(this.#strictness.schema, this.attempt);
    for await (const event of events) {
      // One that was on its way when a listener aborted.
      if (this.controller.signal.aborted) break;
      const violation = guards?.add(event);
      // Leaving the loop closes the connection. What made the text impossible is told by the error alone.
      if (violation !== undefined) return violation;
      this.#take(event, after ?? undefined);
    }
    if (this.controller.signal.aborted) throw this._userAbortError();
    if (this.#snapshot === undefined) throw new OpenAIError('request ended without sending any events');
    return undefined;
  }

  #parsed(format?: ResponseParserTextFormat): ParsedResponse<ParsedT> {
    const response = this.#snapshot as Response;
    this.#final = maybeParseResponse<ResponseStreamingParams | null, ParsedT>(response, this.#params, format);
    return this.#final;
  }

  #show({ output_index, content_index, delta }: ResponseTextDelta, { output }: Response): void {
    if (!isAnswer(output[output_index] as ResponseOutputMessage)) return;
    const place = `${output_index}/${content_index}`;
    this.#viewed ??= place;
    if (this.#viewed === place) this.#view.push(delta);
  }

  #take(event: ResponseStreamEvent, after: number | undefined): void {
    if (this.ended) return;
    this.#snapshot = accumulateResponse(event, this.#snapshot);
    if (event.type === 'response.output_text.delta') this.#show(event, this.#snapshot);
    if (after !== undefined && !(event.sequence_number > after)) return;
    const typed = withSnapshot(event, this.#snapshot);
    this._emit('event', event);
    this._emit(typed.type as 'response.created', typed as ResponseCreatedEvent);
  }
}

type ResponseTextDelta = Extract<ResponseStreamEvent, { type: 'response.output_text.delta' }>;

/** An event as listeners of its type get it: a delta with the text so far. */
function withSnapshot(event: ResponseStreamEvent, { output }: Response): ParsedResponseStreamEvent {
  if (event.type === 'response.output_text.delta') {
    const { content } = output[event.output_index] as ResponseOutputMessage;
    return { ...event, snapshot: (content[event.content_index] as ResponseOutputText).text };
  }
  if (event.type === 'response.function_call_arguments.delta') {
    return { ...event, snapshot: (output[event.output_index] as ResponseFunctionToolCall).arguments };
  }
  return event;
}
