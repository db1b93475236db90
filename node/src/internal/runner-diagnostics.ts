/** What tool runners report. */

/** One report; the duration is in milliseconds. */
export interface RunnerDiagnostic {
  api: 'responses' | 'decisions' | 'browser' | 'computer';
  stage: 'run' | 'request' | 'arguments' | 'approval' | 'action' | 'output' | 'selection' | 'verification';
  reason:
    | 'started'
    | 'completed'
    | 'refused'
    | 'cancelled'
    | 'invalid_input'
    | 'invalid_output'
    | 'api_failed'
    | 'driver_failed'
    | 'policy_failed'
    | 'step_limit'
    | 'busy'
    | 'closed';
  call_id: string | null;
  member: string | null;
  duration_ms: number;
  usage: { input_tokens: number; output_tokens: number; total_tokens: number } | null;
}

/** Is told of each report. */
export type RunnerDiagnosticObserver = (event: Readonly<RunnerDiagnostic>) => void;

/** What has failed at each stage, unless the run was cancelled. */
const FAILURES: Record<RunnerDiagnostic['stage'], RunnerDiagnostic['reason']> = {
  run: 'invalid_output',
  request: 'api_failed',
  arguments: 'invalid_input',
  approval: 'policy_failed',
  action: 'driver_failed',
  output: 'invalid_output',
  selection: 'invalid_output',
  verification: 'invalid_output',
};

/** The reason for a failure at a stage. */
export function diagnosticFailure(stage: RunnerDiagnostic['stage'], signal?: AbortSignal): RunnerDiagnostic['reason'] {
  return signal?.aborted ? 'cancelled' : FAILURES[stage];
}

/**
 * Reports to an observer, which cannot change the run: what it throws is passed over.
 *
 * @param started - When the stage began, in milliseconds as `performance.now()` counts them.
 */
export function reportDiagnostic(
  observer: RunnerDiagnosticObserver | undefined,
  event: Pick<RunnerDiagnostic, 'api' | 'stage' | 'reason'> & Partial<Pick<RunnerDiagnostic, 'call_id' | 'member'>>,
  started: number,
  nativeUsage?: RunnerDiagnostic['usage'],
): void {
  if (observer === undefined) return;
  const { api, stage, reason, call_id = null, member = null } = event;
  const usage = nativeUsage ? ownUsage(nativeUsage) : null;
  const report = Object.freeze({ api, stage, reason, call_id, member, duration_ms: performance.now() - started, usage });
  try {
    const told: unknown = observer(report);
    if (told instanceof Promise) told.catch(() => {});
  } catch {
    // An observer that fails is no failure of the run.
  }
}

/** Counts only, or nothing when one of them is none. */
function ownUsage({ input_tokens, output_tokens, total_tokens }: NonNullable<RunnerDiagnostic['usage']>): RunnerDiagnostic['usage'] {
  const isCounted = [input_tokens, output_tokens, total_tokens].every((count) => Number.isSafeInteger(count) && count >= 0);
  return isCounted ? { input_tokens, output_tokens, total_tokens } : null;
}
