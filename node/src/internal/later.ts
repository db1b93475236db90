/** What a later release brings. */

import { OpenAIError } from '../core/error.js';

/**
 * Refuses a call of something that is here by name only.
 *
 * @param name - What was called, as the caller writes it.
 * @param feature - What it belongs to.
 * @throws {OpenAIError} Always.
 */
export function later(name: string, feature: string): never {
  throw new OpenAIError(
    `\`${name}\` belongs to ${feature}, which this release of tailrace does not have; use the official package for it.`,
  );
}
