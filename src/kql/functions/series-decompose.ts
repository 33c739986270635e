import { type Sql, sql } from '../../clickhouse/sql.ts';
import { operand } from './operand.ts';
import { type Argument, ArgumentFault, type FunctionFamily, type ScalarFunction } from './registry.ts';
import { knownNumbers } from './series-filters.ts';
import { lineThrough } from './series-lines.ts';
import { once, overSeries, printNumbers, printReals, shortened } from './series-numbers.ts';
import { fenceScores, periodOf, seasonal } from './series-seasons.ts';
import { tuple } from './tuple.ts';

/** What a decomposition is asked for. Numbers are constants or columns, words are constants. */
interface Request {
  readonly period: Sql;
  readonly trend: string;
  /** So many points at the end are told from the others, not learnt from. */
  readonly testPoints: Sql;
  readonly threshold: Sql;
}

interface Parts {
  readonly seasonal: Sql;
  readonly trend: Sql;
  readonly baseline: Sql;
  readonly residual: Sql;
  /** The residuals that were learnt from. */
  readonly known: Sql;
}

/**
 * series = seasonal + trend + residual; the trend is that of what the season leaves, and the baseline is the first two.
 * https://learn.microsoft.com/kusto/query/series-decompose-function
 */
function decomposed(series: Argument, request: Request, body: (parts: Parts) => Sql): Sql {
  return once(sql`__s`, knownNumbers(series), (s) => {
    const train = sql`arraySlice(${s}, 1, greatest(toInt64(length(${s})) - greatest(ifNull(${request.testPoints}, 0), 0), 0))`;
    return once(sql`__train`, train, (t) =>
      once(sql`__per`, periodOf(t, request.period, request.threshold), (period) =>
        once(sql`__sea`, seasonal(t, period, sql`length(${s})`), (sea) => {
          const rest = sql`arrayMap((__v, __w) -> __v - __w, ${t}, arrayResize(${sea}, length(${t})))`;
          const trend = once(sql`__rest`, rest, (left) => trendOf(left, request.trend, s));
          return once(sql`__tre`, trend, (tre) => {
            const baseline = sql`arrayMap((__v, __w) -> __v + __w, ${sea}, ${tre})`;
            const residual = sql`arrayMap((__v, __a, __b) -> __v - __a - __b, ${s}, ${sea}, ${tre})`;
            const known = sql`arraySlice(${residual}, 1, length(${t}))`;
            return body({ seasonal: sea, trend: tre, baseline, residual, known });
          });
        }),
      ),
    );
  });
}

/** The trend of `numbers` at each place of `all`. */
function trendOf(numbers: Sql, kind: string, all: Sql): Sql {
  const flat = (value: Sql) => sql`arrayWithConstant(length(${all}), ${value})`;
  if (kind === 'none') return flat(sql`0.`);
  if (kind === 'avg') return flat(sql`if(empty(${numbers}), 0., arrayAvg(${numbers}))`);
  const { slope, interception } = lineThrough(numbers);
  const line = sql`arrayMap((__k, __c) -> arrayMap(__i -> __c + __k * (__i - 1), arrayEnumerate(${all})), [${slope}], [${interception}])[1]`;
  return sql`if(empty(${numbers}), ${flat(sql`0.`)}, ${line})`;
}

function trendKind(argument: Argument | undefined, fallback: 'avg' | 'linefit'): string {
  if (argument === undefined) return fallback;
  if (argument.constant === 'avg' || argument.constant === 'linefit' || argument.constant === 'none') {
    return argument.constant;
  }
  throw new ArgumentFault('the trend is `avg`, `linefit` or `none`');
}

function decompose(args: readonly Argument[], part: 'baseline' | 'seasonal' | 'trend' | 'residual'): Sql {
  const series = operand(args, 0);
  const request: Request = {
    period: args[1]?.sql ?? sql`-1`,
    trend: trendKind(args[2], 'avg'),
    testPoints: args[3]?.sql ?? sql`0`,
    threshold: args[4]?.sql ?? sql`0.6`,
  };
  return overSeries(
    [series],
    decomposed(series, request, (parts) => printReals(parts[part])),
  );
}

function anomalies(args: readonly Argument[], part: 'flag' | 'score' | 'baseline'): Sql {
  const series = operand(args, 0);
  const limit = args[1]?.sql ?? sql`1.5`;
  const request: Request = {
    period: args[2]?.sql ?? sql`-1`,
    trend: trendKind(args[3], 'avg'),
    testPoints: args[4]?.sql ?? sql`0`,
    threshold: args[6]?.sql ?? sql`0.6`,
  };
  const [low, high] = fences(args[5]);
  const result = decomposed(series, request, (parts) => {
    if (part === 'baseline') return printReals(parts.baseline);
    const scores = fenceScores(parts.residual, parts.known, low, high);
    if (part === 'score') return printReals(scores);
    const flags = sql`arrayMap(__v -> multiIf(__v > ${limit}, 1., __v < -${limit}, -1., 0.), ${scores})`;
    return printNumbers(flags, sql`false`);
  });
  return overSeries([series], result);
}

/** The percentiles between which a value is usual. */
function fences(kind: Argument | undefined): readonly [Sql, Sql] {
  const name = kind === undefined ? 'ctukey' : kind.constant;
  if (name === 'ctukey') return [sql`10`, sql`90`];
  if (name === 'tukey') return [sql`25`, sql`75`];
  throw new ArgumentFault('the method is `ctukey` or `tukey`');
}

function forecast(args: readonly Argument[]): Sql {
  const series = operand(args, 0);
  const request: Request = {
    period: args[2]?.sql ?? sql`-1`,
    trend: trendKind(args[3], 'linefit'),
    testPoints: operand(args, 1).sql,
    threshold: args[4]?.sql ?? sql`0.6`,
  };
  return overSeries(
    [series],
    decomposed(series, request, (parts) => printReals(parts.baseline)),
  );
}

/** Scores outside of the fences; what is missing or to be ignored has the score 0. */
function outliers(args: readonly Argument[]): Sql {
  const series = operand(args, 0);
  const [usualLow, usualHigh] = fences(args[1]);
  const custom = args[1]?.constant !== 'tukey';
  const low = custom && args[3] ? args[3].sql : usualLow;
  const high = custom && args[4] ? args[4].sql : usualHigh;
  const ignored = args[2] && args[2].constant !== null ? sql`(__v = ${args[2].sql})` : sql`false`;
  const result = once(sql`__s`, knownNumbers(series), (s) => {
    const known = sql`arrayFilter(__v -> NOT ifNull(${ignored}, false), ${s})`;
    const scores = fenceScores(s, known, low, high);
    return sql`arrayMap((__v, __z) -> if(ifNull(${ignored}, false), 0., __z), ${s}, ${scores})`;
  });
  return overSeries([series], printReals(result));
}

function columns<Name extends string>(
  names: readonly Name[],
  column: (args: readonly Argument[], name: Name) => Sql,
): ScalarFunction['sql'] {
  return (args) =>
    tuple(names.map((name) => ({ type: 'dynamic', sql: shortened(args, (own) => column(own, name)) })));
}

export const seriesDecompose: FunctionFamily = {
  series_decompose: {
    summary: 'A series taken apart into season, trend and residual, as columns.',
    page: 'series-decompose-function',
    params: ['dynamic', 'long', 'string', 'long', 'real'],
    nulls: 'never',
    sql: columns(['baseline', 'seasonal', 'trend', 'residual'], decompose),
  },
  series_decompose_anomalies: {
    summary: 'Where a series leaves its season and trend: flags, scores and baseline, as columns.',
    page: 'series-decompose-anomalies-function',
    params: ['dynamic', 'real', 'long', 'string', 'long', 'string', 'real'],
    nulls: 'never',
    sql: columns(['flag', 'score', 'baseline'], anomalies),
  },
  series_decompose_forecast: {
    summary: 'A series continued by its season and trend.',
    page: 'series-decompose-forecast-function',
    params: ['dynamic', 'long', 'long', 'string', 'real'],
    nulls: 'never',
    sql: columns(['forecast'], forecast),
  },
  series_outliers: {
    summary: 'How far each element lies outside the usual range.',
    page: 'series-outliers-function',
    params: ['dynamic', 'string', 'real', 'real', 'real'],
    nulls: 'never',
    sql: (args) => shortened(args, outliers),
  },
};
