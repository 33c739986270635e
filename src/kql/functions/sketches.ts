import { joinSql, type Sql, sql } from '../../clickhouse/sql.ts';
import { KQL_TYPES, type KqlType } from '../../model/kql-type.ts';
import { fromJson, toJson } from './coerce.ts';
import { type Argument, ArgumentFault, type FunctionFamily, type ScalarFunction } from './registry.ts';
import {
  digestPercentile,
  digestRank,
  digestWeight,
  hllEstimate,
  mergedDigest,
  mergedHll,
} from './sketch-states.ts';

function merger(page: string, summary: string, merged: (states: Sql) => Sql): ScalarFunction {
  return {
    summary,
    page,
    params: ['dynamic'],
    nulls: 'never',
    sql: (args) =>
      merged(
        sql`[${joinSql(
          args.map((state) => state.sql),
          ', ',
        )}]`,
      ),
  };
}

/** A percentile as JSON, converted to the type that the elements are to have; `null` where it cannot be. */
function asType(json: Sql, type: KqlType): Sql {
  return sql`ifNull(nullIf(${toJson(fromJson(json, type), type)}, ''), 'null')`;
}

/** What `typeof(...)` names. */
function typeNamed({ constant }: Argument): KqlType {
  const type = KQL_TYPES.find((known) => known === (constant === 'double' ? 'real' : constant));
  if (type === undefined) throw new ArgumentFault(`\`${constant}\` is no type of a percentile`);
  return type;
}

const mergeDigests = merger('merge-tdigest-function', 'Several tdigest states as one.', mergedDigest);

function at(args: readonly Argument[], place: number): Sql {
  const argument = args[place];
  if (argument === undefined) throw new ArgumentFault(`argument ${place + 1} is missing`);
  return argument.sql;
}

export const sketches: FunctionFamily = {
  dcount_hll: {
    summary: 'Number of different values that an hll state has seen.',
    page: 'dcount-hll-function',
    params: ['dynamic'],
    nulls: 'maybe',
    sql: (args) => hllEstimate(at(args, 0)),
  },
  hll_merge: merger('hll-merge-function', 'Several hll states as one.', mergedHll),
  merge_tdigest: mergeDigests,
  tdigest_merge: mergeDigests,
  percentile_tdigest: {
    summary: 'Percentile of the values that a tdigest state has seen.',
    page: 'percentile-tdigest-function',
    params: ['dynamic', 'real', 'any'],
    nulls: 'maybe',
    sql: (args, context) => fromJson(digestPercentile(at(args, 0), at(args, 1)), context.type),
  },
  percentiles_array_tdigest: {
    summary: 'Several percentiles of the values that a tdigest state has seen, as an array.',
    page: 'percentile-array-tdigest-function',
    params: ['dynamic', 'any'],
    nulls: 'never',
    sql: ([state, ...ranks]) => {
      if (state === undefined) throw new ArgumentFault('the tdigest is missing');
      const [first, type] = ranks;
      const isList = first?.type === 'dynamic';
      const wanted = isList
        ? sql`JSONExtract(${first.sql}, 'Array(Float64)')`
        : sql`[${joinSql(
            ranks.map((rank) => sql`toFloat64(ifNull(${rank.sql}, nan))`),
            ', ',
          )}]`;
      const plain = digestPercentile(state.sql, sql`__rank`);
      const element = isList && type !== undefined ? asType(plain, typeNamed(type)) : plain;
      const list = sql`arrayMap(__rank -> ${element}, ${wanted})`;
      return sql`if(empty(${state.sql}), '', concat('[', arrayStringConcat(${list}, ','), ']'))`;
    },
  },
  rank_tdigest: {
    summary: 'How many of the values that a tdigest state has seen are no larger.',
    page: 'rank-tdigest-function',
    params: ['dynamic', 'real'],
    nulls: 'maybe',
    sql: (args) => digestRank(at(args, 0), at(args, 1)),
  },
  percentrank_tdigest: {
    summary: 'How many per cent of the values that a tdigest state has seen are no larger.',
    page: 'percentrank-tdigest-function',
    params: ['dynamic', 'real'],
    nulls: 'maybe',
    sql: (args) => sql`(${digestRank(at(args, 0), at(args, 1))} * 100 / ${digestWeight(at(args, 0))})`,
  },
};
