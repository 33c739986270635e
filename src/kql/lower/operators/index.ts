import type { OperatorLowering } from '../context.ts';
import { lowerEvaluate } from './evaluate.ts';
import { lowerMarkComponents } from './graph/components.ts';
import { lowerMakeGraph } from './graph/make-graph.ts';
import { lowerGraphMatch, lowerGraphShortestPaths } from './graph/match.ts';
import { lowerGraphToTable } from './graph/to-table.ts';
import { lowerInvoke } from './invoke.ts';
import { lowerJoin, lowerLookup } from './join.ts';
import { lowerMakeSeries } from './make-series.ts';
import { lowerMvApply } from './mv-apply.ts';
import { lowerMvExpand } from './mv-expand.ts';
import { lowerParse, lowerParseWhere } from './parse.ts';
import { lowerParseKv } from './parse-kv.ts';
import { lowerPartition } from './partition.ts';
import { lowerExtend, lowerProject, lowerRename, lowerSelection, lowerSerialize } from './project.ts';
import { lowerReduce } from './reduce.ts';
import {
  lowerCount,
  lowerDistinct,
  lowerFilter,
  lowerGetSchema,
  lowerNothing,
  lowerSample,
  lowerSampleDistinct,
  lowerSort,
  lowerTake,
  lowerTop,
} from './rows.ts';
import { lowerScanSteps } from './scan-steps.ts';
import { lowerAssertSchema, lowerConsume } from './schema.ts';
import { lowerSearch } from './search.ts';
import { lowerAs, lowerFacet, lowerFork } from './several-results.ts';
import { lowerSummarize } from './summarize.ts';
import { lowerTopHitters } from './top-groups.ts';
import { lowerTopNested } from './top-nested.ts';
import { lowerUnion } from './union.ts';

/** What may follow a pipe, by the class of its syntax node. An operator that is not here is refused by name. */
export const OPERATORS: Readonly<Record<string, OperatorLowering>> = {
  AsOperator: lowerAs,
  AssertSchemaOperator: lowerAssertSchema,
  ConsumeOperator: lowerConsume,
  CountOperator: lowerCount,
  DistinctOperator: lowerDistinct,
  ExecuteAndCacheOperator: lowerNothing,
  EvaluateOperator: lowerEvaluate,
  ExtendOperator: lowerExtend,
  FacetOperator: lowerFacet,
  FilterOperator: lowerFilter,
  ForkOperator: lowerFork,
  GetSchemaOperator: lowerGetSchema,
  GraphMarkComponentsOperator: lowerMarkComponents,
  GraphMatchOperator: lowerGraphMatch,
  GraphShortestPathsOperator: lowerGraphShortestPaths,
  GraphToTableOperator: lowerGraphToTable,
  InvokeOperator: lowerInvoke,
  JoinOperator: lowerJoin,
  LookupOperator: lowerLookup,
  MakeGraphOperator: lowerMakeGraph,
  MakeSeriesOperator: lowerMakeSeries,
  MvApplyOperator: lowerMvApply,
  MvExpandOperator: lowerMvExpand,
  ParseKvOperator: lowerParseKv,
  ParseOperator: lowerParse,
  ParseWhereOperator: lowerParseWhere,
  PartitionOperator: lowerPartition,
  ProjectAwayOperator: lowerSelection,
  ProjectByNamesOperator: lowerSelection,
  ProjectKeepOperator: lowerSelection,
  ProjectOperator: lowerProject,
  ProjectRenameOperator: lowerRename,
  ProjectReorderOperator: lowerSelection,
  ReduceByOperator: lowerReduce,
  RenderOperator: lowerNothing,
  SampleDistinctOperator: lowerSampleDistinct,
  SampleOperator: lowerSample,
  SearchOperator: (node, input, scope, context) => lowerSearch(node, input, scope, context),
  ScanOperator: lowerScanSteps,
  SerializeOperator: lowerSerialize,
  SortOperator: lowerSort,
  SummarizeOperator: lowerSummarize,
  TakeOperator: lowerTake,
  TopHittersOperator: lowerTopHitters,
  TopNestedOperator: lowerTopNested,
  TopOperator: lowerTop,
  UnionOperator: (node, input, scope, context) => lowerUnion(node, input, scope, context),
};
