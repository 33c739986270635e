import type { KustoRequest } from './request.ts';

/** One more than may be sent tells that there are more; what is only taken is cut by the engine. */
export function rowsToAskFor({ options: { maxRecords, takeRecords } }: KustoRequest): number | undefined {
  const most = maxRecords === undefined ? undefined : maxRecords + 1;
  if (takeRecords === undefined) return most;
  return most === undefined ? takeRecords : Math.min(most, takeRecords);
}
