/** Part of the stream helpers: by name and type only. */

import { type Response, type ResponseStreamEvent } from '../../resources/responses/responses.js';
import { later } from '../../internal/later.js';

type ResponseKeepAliveEvent = {
  type: 'keepalive';
  sequence_number: number;
};

export function accumulateResponse(event: ResponseStreamEvent | ResponseKeepAliveEvent, snapshot?: Response): Response;
export function accumulateResponse(): never {
  throw later('accumulateResponse', 'the stream helpers');
}
