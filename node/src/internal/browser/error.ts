/** What may be told to a model of why something was not done. */

import { OpenAIError } from '../../core/error.js';

/** A refusal or an error whose message may be told to the model. */
export class BrowserError extends OpenAIError {
  override name: string = 'BrowserError';
}
