import { type Sql, sql, text } from '../../clickhouse/sql.ts';
import { isArray } from './elements.ts';
import { toElement } from './json.ts';
import { operand } from './operand.ts';
import type { Argument, FunctionFamily, ScalarFunction } from './registry.ts';
import { numberIn, numbersOf, once, shortened } from './series-numbers.ts';
import { tuple } from './tuple.ts';

/** A real of a whole series; null where an element is no number. */
function total(name: string, summary: string, of: (numbers: Sql) => Sql): ScalarFunction {
  return {
    summary,
    page: `series-${name}-function`,
    params: ['dynamic'],
    nulls: 'maybe',
    sql: (given) =>
      shortened(given, (args) => {
        const series = operand(args, 0);
        const value = once(
          sql`__s`,
          numbersOf(series),
          (numbers) => sql`if(${complete(numbers)}, ${of(plain(numbers))}, NULL)`,
        );
        return sql`if(${isArray(series.sql)}, ${value}, NULL)`;
      }),
  };
}

/** A real of two series of one length. */
function ofTwo(args: readonly Argument[], of: (left: Sql, right: Sql) => Sql): Sql {
  const [left, right] = [operand(args, 0), operand(args, 1)];
  const value = once(sql`__l`, sidesNumbers(left, right), (l) =>
    once(sql`__r`, sidesNumbers(right, left), (r) => {
      const fits = sql`length(${l}) = length(${r}) AND ${complete(l)} AND ${complete(r)}`;
      return sql`if(${fits}, ${of(plain(l), plain(r))}, NULL)`;
    }),
  );
  const arrays = [left, right].filter(({ type }) => type === 'dynamic').map((side) => isArray(side.sql));
  return sql`if(${arrays.reduce((all, one) => sql`${all} OR ${one}`, sql`false`)}, ${value}, NULL)`;
}

/** A number stands for every place of the other side. */
function sidesNumbers(side: Argument, other: Argument): Sql {
  const number = side.type === 'dynamic' ? numberIn(side.sql) : sql`CAST(${side.sql}, 'Nullable(Float64)')`;
  const repeated =
    other.type === 'dynamic'
      ? sql`arrayResize([${number}], length(${numbersOf(other)}), ${number})`
      : sql`[${number}]`;
  return side.type === 'dynamic' ? sql`if(${isArray(side.sql)}, ${numbersOf(side)}, ${repeated})` : repeated;
}

function dot(left: Sql, right: Sql): Sql {
  return sql`arraySum((__a, __b) -> __a * __b, ${left}, ${right})`;
}

function magnitude(numbers: Sql): Sql {
  return sql`sqrt(arraySum(__a -> __a * __a, ${numbers}))`;
}

function complete(numbers: Sql): Sql {
  return sql`NOT arrayExists(__x -> isNull(__x), ${numbers})`;
}

function plain(numbers: Sql): Sql {
  return sql`arrayMap(__x -> assumeNotNull(__x), ${numbers})`;
}

interface Statistic {
  readonly name: string;
  readonly type: 'real' | 'long';
  readonly sql: Sql;
}

/** Names, types and values of what `series_stats` tells, in its order. */
function statistics(args: readonly Argument[]): readonly Statistic[] {
  const series = operand(args, 0);
  const lenient = args[1]?.constant === true;
  const read = sql`if(${isArray(series.sql)}, ${numbersOf(series)}, [])`;
  const numbers = lenient ? sql`arrayMap(__x -> if(isFinite(__x), __x, NULL), ${read})` : read;
  const stat = (of: (known: Sql, all: Sql) => Sql) =>
    once(sql`__s`, numbers, (all) => {
      const bad = lenient ? sql`false` : sql`arrayExists(__x -> ifNull(NOT isFinite(__x), true), ${all})`;
      return once(
        sql`__k`,
        plain(sql`arrayFilter(__x -> isNotNull(__x), ${all})`),
        (known) => sql`if(empty(${known}) OR ${bad}, NULL, ${of(known, all)})`,
      );
    });
  const variance = (known: Sql) => sql`if(length(${known}) < 2, 0., arrayReduce('varSampStable', ${known}))`;
  return [
    { name: 'min', type: 'real', sql: stat((known) => sql`arrayMin(${known})`) },
    {
      name: 'min_idx',
      type: 'long',
      sql: stat((known, all) => sql`toInt64(indexOf(${all}, arrayMin(${known}))) - 1`),
    },
    { name: 'max', type: 'real', sql: stat((known) => sql`arrayMax(${known})`) },
    {
      name: 'max_idx',
      type: 'long',
      sql: stat((known, all) => sql`toInt64(indexOf(${all}, arrayMax(${known}))) - 1`),
    },
    { name: 'avg', type: 'real', sql: stat((known) => sql`arrayAvg(${known})`) },
    { name: 'stdev', type: 'real', sql: stat((known) => sql`sqrt(${variance(known)})`) },
    { name: 'variance', type: 'real', sql: stat(variance) },
  ];
}

/** The members that only the bag has. */
function moreStatistics(args: readonly Argument[]): readonly Statistic[] {
  const series = operand(args, 0);
  const numbers = sql`arrayFilter(__x -> isNotNull(__x), ${numbersOf(series)})`;
  return [
    { name: 'sum', type: 'real', sql: sql`arraySum(${plain(numbers)})` },
    { name: 'len', type: 'long', sql: sql`toInt64(length(${numbersOf(series)}))` },
  ];
}

export const seriesTotals: FunctionFamily = {
  series_sum: total('sum', 'Sum of the elements.', (numbers) => sql`arraySum(${numbers})`),
  series_product: total('product', 'Product of the elements.', (numbers) => sql`arrayProduct(${numbers})`),
  series_magnitude: total('magnitude', 'Length of the series as a vector.', magnitude),
  series_dot_product: {
    summary: 'Dot product of two series.',
    page: 'series-dot-product-function',
    nulls: 'maybe',
    sql: (given) => shortened(given, (args) => ofTwo(args, dot)),
  },
  series_cosine_similarity: {
    summary: 'Cosine of the angle between two series.',
    page: 'series-cosine-similarity-function',
    nulls: 'maybe',
    sql: (given) =>
      shortened(given, (args) => {
        const [left, right] = [args[2]?.sql, args[3]?.sql];
        return ofTwo(args.slice(0, 2), (a, b) => {
          const lengths = sql`(${left ?? magnitude(a)} * ${right ?? magnitude(b)})`;
          return sql`${dot(a, b)} / ${lengths}`;
        });
      }),
  },
  series_pearson_correlation: {
    summary: "Pearson's correlation of two series.",
    page: 'series-pearson-correlation-function',
    nulls: 'maybe',
    sql: (given) =>
      shortened(given, (args) =>
        ofTwo(args, (a, b) => sql`if(empty(${a}), NULL, arrayReduce('corrStable', ${a}, ${b}))`),
      ),
  },
  series_stats: {
    summary: 'Minimum, maximum, average and spread of a series, as columns.',
    page: 'series-stats-function',
    params: ['dynamic', 'any'],
    nulls: 'maybe',
    sql: (args) =>
      tuple(
        statistics(args).map(({ type }, i) => ({
          type,
          sql: shortened(args, (own) => statistics(own)[i]?.sql ?? sql`NULL`),
        })),
      ),
  },
  series_stats_dynamic: {
    summary: 'Minimum, maximum, average and spread of a series, as a bag.',
    page: 'series-stats-dynamic-function',
    params: ['dynamic', 'any'],
    nulls: 'never',
    sql: (given) =>
      shortened(given, (args) => {
        const members = [...statistics(args), ...moreStatistics(args)].map(
          (member) => sql`${nameText(member.name)}, ${toElement(member.sql, member.type)}`,
        );
        const inside = members.reduce((all, member) => sql`${all}, ',', ${member}`);
        return sql`if(${isArray(operand(args, 0).sql)}, concat('{', ${inside}, '}'), '')`;
      }),
  },
};

function nameText(name: string): Sql {
  return text(`"${name}":`);
}
