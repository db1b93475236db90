/** Responses that are parsed, whole or while they come. */

import type { APIPromise } from '../core/api-promise.js';
import type { SchemaViolationError } from '../core/error.js';
import { firstValid, strictnessOf } from '../internal/structured/attempts.js';
import { correctedInput, schemaOfTextFormat, violationInResponse } from '../internal/structured/response-guards.js';
import {
  parseResponse,
  resolveResponseParseOptions,
  type ResponseCreateParamsWithTools,
  type ResponseParseOptions,
} from '../lib/ResponsesParser.js';
import { ResponseStream, type ResponseStreamParams } from '../lib/responses/ResponseStream.js';
import type { ParsedResponse, Response, ResponseCreateParamsNonStreaming, Responses } from '../resources/responses/responses.js';
import { clientOf } from './owner.js';

/** Asks for a response and parses it; with `onInvalid: 'retry'` again while its text does not fit its schema. */
export function parse(
  resource: Responses,
  body: ResponseCreateParamsWithTools,
  options?: ResponseParseOptions,
): APIPromise<ParsedResponse<any>> {
  const { getTextFormat, requestOptions } = resolveResponseParseOptions(body, options);
  const format = getTextFormat({ body: requestOptions.body ?? body });
  const { strictness, rest } = strictnessOf(requestOptions, schemaOfTextFormat(format));
  const ask = (asked: ResponseCreateParamsWithTools) => resource.create(asked as ResponseCreateParamsNonStreaming, rest);
  const parsed = (response: Response) => parseResponse(response, body, format);
  if (strictness === undefined) return ask(body)._thenUnwrap(parsed);
  let asked = body;
  const askAgain = (violation: SchemaViolationError) =>
    ask((asked = { ...asked, input: correctedInput(asked.input, violation) }));
  const valid = async (first: Response) => parsed(await firstValid(first, strictness, violationInResponse, askAgain));
  return ask(body)._thenUnwrap(valid) as APIPromise<unknown> as APIPromise<ParsedResponse<any>>;
}

/** Asks for a response, or for the events of one that is there, and gives them as they come. */
export function stream(
  resource: Responses,
  body: ResponseStreamParams,
  options?: ResponseParseOptions,
): ResponseStream<any> {
  return ResponseStream.createResponse<any>(clientOf(resource), body, options);
}
