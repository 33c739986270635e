import type { TableProgram } from '../contract.ts';
import {
  activityCountsMetrics,
  activityEngagement,
  activityMetrics,
  slidingWindowCounts,
} from './activity.ts';
import { newActivityMetrics } from './cohorts.ts';
import { funnelSequence, funnelSequenceCompletion } from './funnels.ts';
import { geoLookup } from './geo-lookup.ts';
import { graphComponents } from './graph-components.ts';
import { graphMatch } from './graph-match.ts';
import { graphShortestPaths } from './graph-shortest-paths.ts';
import { materialize } from './materialize.ts';
import { reduce } from './reduce.ts';
import { rollingPercentile } from './rolling-percentile.ts';
import { scan } from './scan.ts';
import { schemaMerge } from './schema-merge.ts';
import { autocluster, basket, diffPatterns } from './segments.ts';
import { sequenceDetect } from './sequence-detect.ts';
import { activeUsersCount, sessionCount } from './sessions.ts';

/** The programs that make a table of whole tables, by the name that a plan calls them by. */
export const PROGRAMS: Readonly<Record<string, TableProgram>> = {
  active_users_count: activeUsersCount,
  activity_counts_metrics: activityCountsMetrics,
  activity_engagement: activityEngagement,
  activity_metrics: activityMetrics,
  autocluster,
  basket,
  diffpatterns: diffPatterns,
  funnel_sequence: funnelSequence,
  funnel_sequence_completion: funnelSequenceCompletion,
  geo_lookup: geoLookup,
  'graph-mark-components': graphComponents,
  'graph-match': graphMatch,
  'graph-shortest-paths': graphShortestPaths,
  materialize,
  new_activity_metrics: newActivityMetrics,
  reduce,
  rolling_percentile: rollingPercentile,
  scan,
  schema_merge: schemaMerge,
  sequence_detect: sequenceDetect,
  session_count: sessionCount,
  sliding_window_counts: slidingWindowCounts,
};
