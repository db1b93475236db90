/** A request in the form that `fetch` takes. */

import { OpenAIError } from '../core/error.js';
import { Streamed, type Encoded } from './body.js';
import { Form } from './form.js';
import { asNullable, type Fields } from './headers.js';
import type { HTTPMethod } from './request-options.js';
import type { Timeout } from './timeout.js';

/** A request before it is sent. */
export interface Prepared {
  method: string;
  baseURL: string;
  path: string;
  fields: Fields;
  encoded: Encoded;
  query: Record<string, unknown>;
  timeout: number | Timeout;
  /** The token of a workload identity says who asks. */
  isIdentified: boolean;
}

/** What the client's `buildRequest` gives. */
export interface BuiltRequest {
  req: RequestInit & { headers: Headers };
  url: string;
  /** In milliseconds. */
  timeout: number;
}

/** A request out of its parts. */
export function built(parts: {
  method: HTTPMethod;
  url: string;
  fields: Fields;
  encoded: Encoded;
  timeout: number;
  signal?: AbortSignal | null | undefined;
}): BuiltRequest {
  const { method, url, fields, encoded, timeout, signal } = parts;
  const headers = new Headers(asNullable(fields).values);
  const body = bodyInit(encoded);
  // `fetch` writes the boundary of a form that it encodes.
  if (body instanceof FormData) headers.delete('content-type');
  const req: BuiltRequest['req'] & { duplex?: 'half' } = { method, headers };
  if (signal) req.signal = signal;
  if (body !== null) req.body = body;
  if (encoded.content instanceof Streamed) req.duplex = 'half';
  return { req, url, timeout };
}

/** A body as `fetch` takes it. */
export function bodyInit({ content }: Encoded): BodyInit | null {
  if (content instanceof Streamed) return content.values as unknown as BodyInit;
  if (!(content instanceof Form)) return content as BodyInit | null;
  if (content.isStreaming) {
    throw new OpenAIError('A form that is read while it is sent cannot be built without sending it; pass whole files.');
  }
  const data = new FormData();
  for (const field of content.fields) {
    if ('text' in field) data.append(field.name, field.text);
    else data.append(field.name, field.data as Blob, field.filename);
  }
  return data;
}
