/** Promises. */

/**
 * The values of all promises, once all are settled.
 *
 * @throws {Error} Some failed; `cause` has the reasons.
 */
export async function allSettledWithThrow<R>(promises: Promise<R>[]): Promise<R[]> {
  const results = await Promise.allSettled(promises);
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (reasons.length > 0) {
    throw new Error(`${reasons.length} promise(s) failed`, { cause: new AggregateError(reasons) });
  }
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
