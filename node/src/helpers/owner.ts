/** From a group of methods to the client that it belongs to. */

import type { OpenAI } from '../client.js';
import type { APIResource } from '../core/resource.js';

/** The client of a group of methods, which keeps it to itself and its like. */
export function clientOf(resource: APIResource): OpenAI {
  return (resource as unknown as { _client: OpenAI })._client;
}
