/** Why a run stops, where the caller is told the reason. */

/** Its message goes to the caller; the message of any other error does not, for it may hold what a tool has seen. */
export class RunnerStop extends Error {}
