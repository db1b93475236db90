/** Signatures of webhooks. */

export { verifyWebhookSignature } from '../helpers/webhook-signature.js';

/** Signatures that a header may have before looking at each would be more work than making one. */
const MOST = 32;

/** Whether a header has so many signatures that the right one is made first, however many of them could be right. */
export function webhookSignatureRequiresSigning(signatureHeader: string): boolean {
  return signatureHeader.split(' ', MOST + 1).length > MOST;
}
