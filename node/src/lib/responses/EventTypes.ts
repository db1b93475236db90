/** Events of responses as the helpers hand them out. */

import {
  type ResponseFunctionCallArgumentsDeltaEvent as RawResponseFunctionCallArgumentsDeltaEvent,
  type ResponseStreamEvent,
  type ResponseTextDeltaEvent as RawResponseTextDeltaEvent,
} from '../../resources/responses/responses.js';

export type ResponseFunctionCallArgumentsDeltaEvent = RawResponseFunctionCallArgumentsDeltaEvent & {
  snapshot: string;
};

export type ResponseTextDeltaEvent = RawResponseTextDeltaEvent & {
  snapshot: string;
};

export type ParsedResponseStreamEvent =
  | Exclude<ResponseStreamEvent, RawResponseFunctionCallArgumentsDeltaEvent | RawResponseTextDeltaEvent>
  | ResponseFunctionCallArgumentsDeltaEvent
  | ResponseTextDeltaEvent;
