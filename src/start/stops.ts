/** How to stop what was started, in the order of its start. */
export type Stops = (() => Promise<void>)[];

/** All or the first failure, but never before all have settled: what started late must be stopped too. */
export async function settleAll<A, B>([a, b]: readonly [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return [await a, await b];
}

/** Last started, first stopped; a failure does not keep the others from stopping. */
export async function stopAll(stops: Stops): Promise<void> {
  const failures: unknown[] = [];
  for (const stop of stops.splice(0).reverse()) {
    await stop().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}
