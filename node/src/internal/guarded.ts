/** What listeners throw, which must reach the process and not keep a connection from going on. */

/** Tells a listener; what it throws goes to the process. */
export function guarded(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    thrown(error);
  }
}

/** Gives the process what a listener threw. */
export function thrown(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
