import { anyAndArg } from './any-arg.ts';
import { bits } from './bits.ts';
import { counting } from './counting.ts';
import { firstRow } from './first-row.ts';
import { numeric } from './numeric.ts';
import { percentiles } from './percentiles.ts';
import type { AggregationFamily } from './registry.ts';
import { scanRows } from './scan-rows.ts';
import { schemas } from './schemas.ts';
import { seriesPoints } from './series-points.ts';
import { sets } from './sets.ts';
import { sketches } from './sketches.ts';
import { statistics } from './statistics.ts';

/** Every aggregation by its name in KQL. */
export const AGGREGATIONS: AggregationFamily = {
  ...counting,
  ...numeric,
  ...statistics,
  ...scanRows,
  ...firstRow,
  ...seriesPoints,
  ...sets,
  ...percentiles,
  ...anyAndArg,
  ...bits,
  ...sketches,
  ...schemas,
};
