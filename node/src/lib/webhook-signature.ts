/** Signatures of webhooks. */

import { later } from '../internal/later.js';

export { verifyWebhookSignature } from '../helpers/webhook-signature.js';

/** @throws {OpenAIError} Always. */
export function webhookSignatureRequiresSigning(signatureHeader: string): boolean {
  void signatureHeader;
  return later('webhookSignatureRequiresSigning', 'signing of webhooks');
}
