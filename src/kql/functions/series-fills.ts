import { type Sql, sql } from '../../clickhouse/sql.ts';
import { arrayElements } from './dynamic-path.ts';
import { printArray } from './elements.ts';
import { toElement } from './json.ts';
import { operand } from './operand.ts';
import type { Argument, FunctionFamily, ScalarFunction } from './registry.ts';
import { hasReals, numberIn, once, overSeries, printNumbers, shortened } from './series-numbers.ts';

/** Whether an element's JSON text is missing: no number, or the placeholder if one is given. */
function isMissing(element: Sql, placeholder: Argument | undefined): Sql {
  if (placeholder === undefined || placeholder.constant === null) return sql`isNull(${numberIn(element)})`;
  return sql`ifNull(${numberIn(element)} = ${placeholder.sql}, true)`;
}

/** Elements keep their text; only missing ones change. */
function filled(
  name: 'backward' | 'const' | 'forward',
  summary: string,
  placeholderAt: 1 | 2,
  fill: (elements: Sql, missing: (element: Sql) => Sql, args: readonly Argument[]) => Sql,
): ScalarFunction {
  return {
    summary,
    page: `series-fill-${name}-function`,
    params: ['dynamic', 'any'],
    nulls: 'never',
    sql: (given) =>
      shortened(given, (args) => {
        const series = operand(args, 0);
        const missing = (element: Sql) => isMissing(element, args[placeholderAt]);
        return overSeries([series], printArray(fill(arrayElements(series.sql), missing, args)));
      }),
  };
}

/** Between two known values along the line; before the first and after the last the nearest, if edges are filled. */
function fillLinear(args: readonly Argument[]): Sql {
  const series = operand(args, 0);
  const edges = args[2]?.sql ?? sql`true`;
  const constant = args[3]?.sql ?? sql`0`;
  const read = sql`arrayMap(__x -> if(${isMissing(sql`__x`, args[1])}, NULL, ${numberIn(sql`__x`)}), ${arrayElements(series.sql)})`;
  const result = once(sql`__s`, read, (s) => {
    const known = sql`arrayMap((__x, __i) -> if(isNull(__x), 0, __i), ${s}, arrayEnumerate(${s}))`;
    return once(sql`__k`, known, (k) => {
      const before = sql`arrayFill(__x -> isNotNull(__x), ${s}), arrayFill(__x -> __x != 0, ${k})`;
      const after = sql`arrayReverseFill(__x -> isNotNull(__x), ${s}), arrayReverseFill(__x -> __x != 0, ${k})`;
      const between = sql`__l + (__r - __l) * (toInt64(__i) - __li) / (toInt64(__ri) - __li)`;
      const value = sql`multiIf(isNotNull(__x), __x, isNull(__l), if(${edges}, __r, NULL), isNull(__r), if(${edges}, __l, NULL), ${whole(between, series)})`;
      const line = sql`arrayMap((__x, __i, __l, __li, __r, __ri) -> ${value}, ${s}, arrayEnumerate(${s}), ${before}, ${after})`;
      const nothing = sql`arrayMap(__x -> CAST(${constant}, 'Nullable(Float64)'), ${s})`;
      return sql`if(arrayAll(__x -> isNull(__x), ${s}), ${nothing}, ${line})`;
    });
  });
  return overSeries([series], printNumbers(result, hasReals(series)));
}

/** A series of whole numbers gets whole numbers, cut off. */
function whole(value: Sql, series: Argument): Sql {
  return sql`if(${hasReals(series)}, ${value}, trunc(${value}))`;
}

export const seriesFills: FunctionFamily = {
  series_fill_const: filled('const', 'A constant for each missing value.', 2, (elements, missing, args) => {
    const constant = args[1] === undefined ? sql`'0'` : toElement(args[1].sql, args[1].type);
    return sql`arrayMap(__x -> if(${missing(sql`__x`)}, ${constant}, __x), ${elements})`;
  }),
  series_fill_forward: filled(
    'forward',
    'The last known value for each missing one.',
    1,
    (elements, missing) => sql`arrayFill(__x -> NOT ${missing(sql`__x`)}, ${elements})`,
  ),
  series_fill_backward: filled(
    'backward',
    'The next known value for each missing one.',
    1,
    (elements, missing) => sql`arrayReverseFill(__x -> NOT ${missing(sql`__x`)}, ${elements})`,
  ),
  series_fill_linear: {
    summary: 'A value on the line between its known neighbours for each missing one.',
    page: 'series-fill-linear-function',
    params: ['dynamic', 'real', 'bool', 'real'],
    nulls: 'never',
    sql: (args) => shortened(args, fillLinear),
  },
};
