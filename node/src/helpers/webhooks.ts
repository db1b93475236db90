/** Webhooks: whether they came from the API, and what they say. */

import { buildHeaders, type HeadersLike } from '../internal/headers.js';
import type { UnwrapWebhookEvent, Webhooks } from '../resources/webhooks/webhooks.js';
import { clientOf } from './owner.js';
import { verifyWebhookSignature } from './webhook-signature.js';

/** The official age at which an event is too old, in seconds. */
const DEFAULT_TOLERANCE = 300;

/**
 * Checks a webhook and gives its event.
 *
 * @param payload - The body of the request, to the letter.
 * @param tolerance - The largest difference between its time and ours, in seconds.
 * @throws {InvalidWebhookSignatureError} It did not come from the API, or not just now.
 * @throws {Error} A header or the secret is missing.
 * @throws {SyntaxError} The payload is no JSON.
 */
export async function unwrap(
  resource: Webhooks,
  payload: string,
  headers: HeadersLike,
  secret?: string | null,
  tolerance: number = DEFAULT_TOLERANCE,
): Promise<UnwrapWebhookEvent> {
  await verifySignature(resource, payload, headers, secret, tolerance);
  return JSON.parse(payload) as UnwrapWebhookEvent;
}

/**
 * Checks a webhook.
 *
 * @param payload - The body of the request, to the letter.
 * @param tolerance - The largest difference between its time and ours, in seconds.
 * @throws {InvalidWebhookSignatureError} It did not come from the API, or not just now.
 * @throws {Error} A header or the secret is missing.
 */
export async function verifySignature(
  resource: Webhooks,
  payload: string,
  headers: HeadersLike,
  secret: string | null = clientOf(resource).webhookSecret,
  tolerance: number = DEFAULT_TOLERANCE,
): Promise<void> {
  if (typeof secret !== 'string' || secret === '') {
    throw new Error(
      'The webhook secret must either be set using the env var, OPENAI_WEBHOOK_SECRET, on the client class, ' +
        "OpenAI({ webhookSecret: '123' }), or passed to this function",
    );
  }
  const { values } = buildHeaders([headers]);
  const signatures = required(values, 'webhook-signature');
  const timestamp = required(values, 'webhook-timestamp');
  const id = required(values, 'webhook-id');
  return verifyWebhookSignature(payload, signatures, timestamp, id, secret, tolerance);
}

function required(headers: Headers, name: string): string {
  const value = headers.get(name);
  if (value === null) throw new Error(`Missing required header: ${name}`);
  return value;
}
