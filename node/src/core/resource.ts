/** What every group of methods is built on. */

import type { OpenAI } from '../client.js';

/** A group of methods, such as `client.chat`. */
export abstract class APIResource {
  protected _client: OpenAI;

  constructor(client: OpenAI) {
    this._client = client;
  }
}
