/** Responses that are parsed, whole or while they come. */

import type { APIPromise } from '../core/api-promise.js';
import { strictnessOf } from '../internal/structured/answer-guard.js';
import { correctedInput, schemaOfTextFormat, violationOf } from '../internal/structured/response-guards.js';
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
  const valid = async (first: Response): Promise<ParsedResponse<any>> => {
    let response = first;
    let asked = body;
    for (let attempts = 1; ; attempts += 1) {
      const violation = violationOf(response, strictness.schema, attempts);
      if (violation === undefined) return parsed(response);
      if (attempts >= strictness.attempts) throw violation;
      asked = { ...asked, input: correctedInput(asked.input, violation) };
      response = await ask(asked);
    }
  };
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
