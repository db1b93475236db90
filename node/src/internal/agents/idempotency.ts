/** Keys by which the API knows a request that comes again. */

import type { ClientOptions, OpenAI } from '../../client.js';
import { asNullable, layered } from '../headers.js';
import type { RequestOptions } from '../request-options.js';

const NAME = 'idempotency-key';

/** Options of a call for the requests beside it, which must not share its key. */
export function withoutKey(options: RequestOptions | null | undefined): RequestOptions {
  const { idempotencyKey, headers, ...rest } = options ?? {};
  void idempotencyKey;
  const fields = new Map(layered([headers]));
  fields.delete(NAME);
  return { ...rest, headers: asNullable(fields) };
}

/** Whether all requests with these options would have one key. */
export function hasKey(client: OpenAI, options: RequestOptions | undefined): boolean {
  const { defaultHeaders } = (client as unknown as { _options: ClientOptions })._options;
  const fields = layered([defaultHeaders, { [NAME]: options?.idempotencyKey }, options?.headers]);
  return typeof fields.get(NAME) === 'string';
}
