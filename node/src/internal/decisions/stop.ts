/** Why a run of decisions stops. */

import type { DecisionsRunnerErrorReason } from '../../helpers/decisions-tool-runner.js';

/** Only its reason reaches the caller. */
export class DecisionsStop extends Error {
  readonly reason: DecisionsRunnerErrorReason;

  constructor(reason: DecisionsRunnerErrorReason) {
    super(reason);
    this.reason = reason;
  }
}
