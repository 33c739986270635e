import {
  lowerActiveUsers,
  lowerActivityCounts,
  lowerActivityEngagement,
  lowerActivityMetrics,
  lowerNewActivity,
  lowerRollingPercentile,
  lowerSessionCount,
  lowerSlidingWindowCounts,
} from './activity.ts';
import { lowerGeoLineLookup, lowerGeoPolygonLookup } from './geo-lookup.ts';
import type { Plugin } from './plugin.ts';
import { lowerAutocluster, lowerBasket, lowerDiffPatterns } from './segments.ts';
import { lowerFunnelCompletion, lowerFunnelSequence, lowerSequenceDetect } from './sequences.ts';
import {
  lowerDcountIntersect,
  lowerIdentity,
  lowerNarrow,
  lowerPreview,
  lowerRowsCount,
  lowerRowsNear,
  lowerSchemaMerge,
} from './shapes.ts';

/** The plug-ins that analyse whole tables, by name. */
export const ANALYSES: Readonly<Record<string, Plugin>> = {
  active_users_count: lowerActiveUsers,
  activity_counts_metrics: lowerActivityCounts,
  activity_engagement: lowerActivityEngagement,
  activity_metrics: lowerActivityMetrics,
  autocluster: lowerAutocluster,
  basket: lowerBasket,
  dcount_intersect: lowerDcountIntersect,
  diffpatterns: lowerDiffPatterns,
  funnel_sequence: lowerFunnelSequence,
  funnel_sequence_completion: lowerFunnelCompletion,
  geo_line_lookup: lowerGeoLineLookup,
  geo_polygon_lookup: lowerGeoPolygonLookup,
  narrow: lowerNarrow,
  new_activity_metrics: lowerNewActivity,
  identity: lowerIdentity,
  estimate_rows_count: lowerRowsCount,
  preview: lowerPreview,
  rolling_percentile: lowerRollingPercentile,
  rows_near: lowerRowsNear,
  schema_merge: lowerSchemaMerge,
  sequence_detect: lowerSequenceDetect,
  session_count: lowerSessionCount,
  sliding_window_counts: lowerSlidingWindowCounts,
};
