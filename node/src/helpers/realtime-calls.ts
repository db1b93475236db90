/** Calls over WebRTC: an offer goes out, an answer comes back. */

import type { APIPromise } from '../core/api-promise.js';
import { Form, type FileField } from '../internal/form.js';
import { buildHeaders } from '../internal/headers.js';
import type { RequestOptions } from '../internal/request-options.js';
import type { CallCreateParams, Calls } from '../resources/realtime/calls.js';
import { clientOf } from './owner.js';

const SDP = 'application/sdp';

/** Sends an offer: alone as it is, or with a session as a form. The answer is the body of the `Response`. */
export function create(resource: Calls, body: CallCreateParams, options?: RequestOptions): APIPromise<Response> {
  const { sdp, session } = body;
  const isPlain = session === undefined && sdp !== undefined;
  return clientOf(resource).post<Response>('/realtime/calls', {
    body: isPlain ? sdp : form(sdp, session),
    ...options,
    headers: buildHeaders([{ Accept: SDP }, isPlain ? { 'Content-Type': SDP } : undefined, options?.headers]),
    __binaryResponse: true,
  });
}

function form(sdp: string | undefined, session: CallCreateParams['session']): Form {
  const parts = [
    sdp === undefined ? undefined : part('sdp', SDP, sdp),
    session === undefined ? undefined : part('session', 'application/json', JSON.stringify(session)),
  ];
  return new Form(parts.filter((field) => field !== undefined));
}

/** A part with a type and without a file name. */
function part(name: string, type: string, text: string): FileField {
  return { name, filename: '', type, data: new Blob([text]) };
}
