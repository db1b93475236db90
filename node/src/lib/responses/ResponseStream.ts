/** Part of the stream helpers: by name and type only. */

import {
  type ParsedResponse,
  type ResponseCreateParamsBase,
  type ResponseStreamEvent,
  type ResponseTextConfig,
} from '../../resources/responses/responses.js';
import { type RequestOptions } from '../../internal/request-options.js';
import { type ReadableStream } from '../../internal/shim-types.js';
import type OpenAI from '../../index.js';
import { EventStream } from '../EventStream.js';
import { type BaseEvents } from '../EventStream.js';
import { type ResponseFunctionCallArgumentsDeltaEvent, type ResponseTextDeltaEvent } from './EventTypes.js';
import {
  type ParseableToolsParams,
  type ResponseParseOptions,
  type ResponseParserTextFormat,
  type ResponseParsingInput,
} from '../ResponsesParser.js';
import { later } from '../../internal/later.js';

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

/** It needs the stream helpers, which tailrace does not have yet: making one throws an OpenAIError. */
export class ResponseStream<ParsedT = null>
  extends EventStream<ResponseEvents>
  implements AsyncIterable<ResponseStreamEvent>
{
  constructor(params: ResponseStreamingParams | null);
  constructor(...values: any[]) {
    super(...(values as ConstructorParameters<typeof EventStream>));
    throw later('ResponseStream', 'the stream helpers');
  }
  static createResponse<ParsedT>(
    client: OpenAI,
    params: ResponseStreamParams,
    options?: ResponseParseOptions,
  ): ResponseStream<ParsedT>;
  static createResponse(): never {
    throw later('ResponseStream.createResponse', 'the stream helpers');
  }
  static fromReadableStream(stream: ReadableStream): ResponseStream<null>;
  static fromReadableStream(): never {
    throw later('ResponseStream.fromReadableStream', 'the stream helpers');
  }
  protected _createOrRetrieveResponse(
    client: OpenAI,
    params: ResponseStreamParams,
    options?: RequestOptions,
    getTextFormat?: (prepared: RequestOptions) => ResponseParserTextFormat,
  ): Promise<ParsedResponse<ParsedT>>;
  protected _createOrRetrieveResponse(): never {
    throw later('ResponseStream._createOrRetrieveResponse', 'the stream helpers');
  }
  protected _fromReadableStream(
    readableStream: ReadableStream,
    options?: RequestOptions,
  ): Promise<ParsedResponse<ParsedT>>;
  protected _fromReadableStream(): never {
    throw later('ResponseStream._fromReadableStream', 'the stream helpers');
  }
  [Symbol.asyncIterator](this: ResponseStream<ParsedT>): AsyncIterator<ResponseStreamEvent>;
  [Symbol.asyncIterator](): never {
    throw later('ResponseStream.Symbol.asyncIterator', 'the stream helpers');
  }
  finalResponse(): Promise<ParsedResponse<ParsedT>>;
  finalResponse(): never {
    throw later('ResponseStream.finalResponse', 'the stream helpers');
  }
}
