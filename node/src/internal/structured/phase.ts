/** Which messages of a response are its answer. */

/** Whether a message is the answer: one that is said on the way to it has another phase. */
export function isAnswer({ phase }: { phase?: string | null }): boolean {
  return (phase ?? 'final_answer') === 'final_answer';
}
