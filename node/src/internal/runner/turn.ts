/** One answer of a run, as the caller sees it before its tools run. */

import type { ResponsesRunnerTurn } from '../../helpers/responses-tool-runner.js';
import type { Response } from '../../resources/responses/responses.js';
import { suppliedOutputs, type Supplied } from './outputs.js';

/** What a caller did with a turn. */
export interface Turn {
  /** What the caller gets. */
  seen: ResponsesRunnerTurn;
  /** Outputs in place of running functions, by their calls. */
  supplied(): Map<string, Supplied>;
  /** What the user says after this turn. */
  said: string[];
  /** Nothing may be done with it any more. */
  end(): void;
}

/**
 * @param open - The calls that the caller may answer.
 * @param isSettled - Whether no output can be supplied, because the calls of the answer were run as they came.
 */
export function turn(
  facts: Pick<ResponsesRunnerTurn, 'step' | 'final' | 'toolsExecuted' | 'attemptedCallIds' | 'completedCallIds'> & {
    response: Response;
  },
  open: ReadonlySet<string>,
  isSettled: boolean,
): Turn {
  let isActive = true;
  let supplied = new Map<string, Supplied>();
  const said: string[] = [];
  const seen: ResponsesRunnerTurn = {
    ...facts,
    supplyOutputs: (outputs) => {
      if (!isActive || isSettled) throw new TypeError('This turn does not accept supplied outputs.');
      supplied = suppliedOutputs(outputs, open);
    },
    appendUserText: (text) => {
      if (!isActive || facts.final || typeof text !== 'string' || text === '') {
        throw new TypeError('User text requires a non-final active turn and a nonempty string.');
      }
      said.push(text);
    },
  };
  return { seen, supplied: () => supplied, said, end: () => void (isActive = false) };
}
