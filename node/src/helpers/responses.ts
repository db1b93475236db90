/** Responses that are parsed, whole or while they come. */

import { APIPromise } from '../core/api-promise.js';
import {
  parseResponse,
  resolveResponseParseOptions,
  type ResponseCreateParamsWithTools,
  type ResponseParseOptions,
} from '../lib/ResponsesParser.js';
import { ResponseStream, type ResponseStreamParams } from '../lib/responses/ResponseStream.js';
import type { ParsedResponse, Response, ResponseCreateParamsNonStreaming, Responses } from '../resources/responses/responses.js';
import { clientOf } from './owner.js';

/** Asks for a response and parses it. */
export function parse(
  resource: Responses,
  body: ResponseCreateParamsWithTools,
  options?: ResponseParseOptions,
): APIPromise<ParsedResponse<any>> {
  const { getTextFormat, requestOptions } = resolveResponseParseOptions(body, options);
  const asked = resource.create(body as ResponseCreateParamsNonStreaming, requestOptions);
  return asked._thenUnwrap((response: Response) =>
    parseResponse(response, body, getTextFormat({ body: requestOptions.body ?? body })),
  );
}

/** Asks for a response, or for the events of one that is there, and gives them as they come. */
export function stream(
  resource: Responses,
  body: ResponseStreamParams,
  options?: ResponseParseOptions,
): ResponseStream<any> {
  return ResponseStream.createResponse<any>(clientOf(resource), body, options);
}
