/** Signatures of webhooks. */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { InvalidWebhookSignatureError } from '../core/error.js';

/**
 * Checks the age and the signature of a webhook.
 *
 * @param payload - The body of the request, to the letter.
 * @param timestamp - In seconds since 1970, as the header has it.
 * @param tolerance - The largest difference between its time and ours, in seconds.
 * @throws {InvalidWebhookSignatureError} It did not come from the API, or not just now.
 * @throws {Error} The secret is none.
 */
export async function verifyWebhookSignature(
  payload: string,
  signatureHeader: string,
  timestamp: string,
  webhookId: string,
  secret: string,
  tolerance: number,
): Promise<void> {
  checkAge(timestamp, tolerance);
  const expected = createHmac('sha256', keyOf(secret)).update(`${webhookId}.${timestamp}.${payload}`).digest();
  if (signatureHeader.split(' ').some((signature) => fits(signature, expected))) return;
  throw new InvalidWebhookSignatureError('The given webhook signature does not match the expected signature');
}

function checkAge(timestamp: string, tolerance: number): void {
  const seconds = Number.parseInt(timestamp, 10);
  if (Number.isNaN(seconds)) throw new InvalidWebhookSignatureError('Invalid webhook timestamp format');
  const age = Math.floor(Date.now() / 1000) - seconds;
  if (age > tolerance) throw new InvalidWebhookSignatureError('Webhook timestamp is too old');
  if (age < -tolerance) throw new InvalidWebhookSignatureError('Webhook timestamp is too new');
}

/** A secret with the usual prefix is Base64, any other is text. */
function keyOf(secret: string): Buffer {
  const prefix = 'whsec_';
  const key = secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), 'base64') : Buffer.from(secret);
  if (key.length > 0) return key;
  throw new Error('The webhook secret behind `whsec_` is no Base64; copy the whole secret of the webhook endpoint.');
}

function fits(signature: string, expected: Buffer): boolean {
  const bytes = Buffer.from(signature.replace(/^v1,/, ''), 'base64');
  // The comparison takes the same time wherever two signatures differ.
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}
