/** Signals as the platform's own functions take them. */

const NOTHING = () => {};

/** Tells `abort` of an abort, also of one that was before, by the platform's error; gives what ends that. */
export function onAbort(signal: AbortSignal | undefined, abort: (error: Error) => void): () => void {
  if (signal === undefined) return NOTHING;
  const tell = () => {
    const error = new Error('The operation was aborted', { cause: signal.reason });
    abort(Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' }));
  };
  if (signal.aborted) tell();
  else signal.addEventListener('abort', tell, { once: true });
  return () => signal.removeEventListener('abort', tell);
}
