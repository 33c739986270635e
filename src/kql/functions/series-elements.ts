import { type Sql, sql } from '../../clickhouse/sql.ts';
import { isArray, printArray } from './elements.ts';
import { operand } from './operand.ts';
import type { Argument, FunctionFamily, ScalarFunction } from './registry.ts';
import {
  hasReals,
  numberIn,
  numbersOf,
  once,
  overSeries,
  printNumbers,
  printReals,
  shortened,
} from './series-numbers.ts';

/** A number at each place; null where there is none or the result is none. */
function each(name: string, summary: string, of: (x: Sql) => Sql, keepsWhole: boolean): ScalarFunction {
  return {
    summary,
    page: `series-${name}-function`,
    params: ['dynamic'],
    nulls: 'never',
    sql: (given) =>
      shortened(given, (args) => {
        const series = operand(args, 0);
        const results = sql`arrayMap(__v -> ${of(sql`__v`)}, ${numbersOf(series)})`;
        return overSeries(
          [series],
          keepsWhole ? printNumbers(results, hasReals(series)) : printReals(results),
        );
      }),
  };
}

function withinUnit(name: 'acos' | 'asin'): (x: Sql) => Sql {
  return (x) =>
    name === 'acos' ? sql`if(abs(${x}) <= 1, acos(${x}), NULL)` : sql`if(abs(${x}) <= 1, asin(${x}), NULL)`;
}

/** Both series place by place, the shorter one filled up with nulls; a number stands for every place. */
function pairwise(args: readonly Argument[], of: (pair: Sql) => Sql): Sql {
  const [left, right] = [operand(args, 0), operand(args, 1)];
  const places = once(sql`__l`, numbersOrNumber(left), (l) =>
    once(sql`__r`, numbersOrNumber(right), (r) => {
      const length = sql`if(${countsPlaces(left)}, if(${countsPlaces(right)}, greatest(length(${l}), length(${r})), length(${l})), length(${r}))`;
      return once(sql`__n`, length, (n) => {
        const filled = (numbers: Sql, side: Argument) =>
          sql`arrayResize(${numbers}, ${n}, if(${countsPlaces(side)}, NULL, ${numbers}[1]))`;
        return of(sql`${filled(l, left)}, ${filled(r, right)}`);
      });
    }),
  );
  return sql`if(${countsPlaces(left)} OR ${countsPlaces(right)}, ${places}, '')`;
}

function countsPlaces(side: Argument): Sql {
  return side.type === 'dynamic' ? isArray(side.sql) : sql`false`;
}

function numbersOrNumber(side: Argument): Sql {
  if (side.type !== 'dynamic') return sql`[CAST(${side.sql}, 'Nullable(Float64)')]`;
  return sql`if(${isArray(side.sql)}, ${numbersOf(side)}, [${numberIn(side.sql)}])`;
}

function arithmetic(
  name: string,
  summary: string,
  of: (a: Sql, b: Sql) => Sql,
  keepsWhole: boolean,
): ScalarFunction {
  return {
    summary,
    page: `series-${name}-function`,
    nulls: 'never',
    sql: (given) =>
      shortened(given, (args) => {
        const real = hasReals(operand(args, 0), operand(args, 1));
        return pairwise(args, (pair) => {
          const results = sql`arrayMap((__a, __b) -> ${of(sql`__a`, sql`__b`)}, ${pair})`;
          return keepsWhole ? printNumbers(results, real) : printReals(results);
        });
      }),
  };
}

function comparison(name: string, summary: string, of: (a: Sql, b: Sql) => Sql): ScalarFunction {
  return {
    summary,
    page: `series-${name.replaceAll('_', '-')}-function`,
    nulls: 'never',
    sql: (given) =>
      shortened(given, (args) =>
        pairwise(args, (pair) => {
          const text = sql`multiIf(isNull(__a) OR isNull(__b), 'null', ifNull(${of(sql`__a`, sql`__b`)}, false), 'true', 'false')`;
          return printArray(sql`arrayMap((__a, __b) -> ${text}, ${pair})`);
        }),
      ),
  };
}

export const seriesElements: FunctionFamily = {
  series_abs: each('abs', 'Absolute value of each element.', (x) => sql`abs(${x})`, true),
  series_acos: each('acos', 'Arc cosine of each element.', withinUnit('acos'), false),
  series_asin: each('asin', 'Arc sine of each element.', withinUnit('asin'), false),
  series_atan: each('atan', 'Arc tangent of each element.', (x) => sql`atan(${x})`, false),
  series_ceiling: each('ceiling', 'Each element rounded up.', (x) => sql`ceil(${x})`, false),
  series_cos: each('cos', 'Cosine of each element.', (x) => sql`cos(${x})`, false),
  series_exp: each('exp', 'e to the power of each element.', (x) => sql`exp(${x})`, false),
  series_floor: each('floor', 'Each element rounded down.', (x) => sql`floor(${x})`, false),
  series_log: each(
    'log',
    'Natural logarithm of each element.',
    (x) => sql`if(${x} > 0, log(${x}), NULL)`,
    false,
  ),
  series_sign: each('sign', 'Sign of each element.', (x) => sql`toFloat64(sign(${x}))`, true),
  series_sin: each('sin', 'Sine of each element.', (x) => sql`sin(${x})`, false),
  series_tan: each('tan', 'Tangent of each element.', (x) => sql`tan(${x})`, false),
  series_add: arithmetic('add', 'Sum of two series.', (a, b) => sql`${a} + ${b}`, true),
  series_subtract: arithmetic('subtract', 'Difference of two series.', (a, b) => sql`${a} - ${b}`, true),
  series_multiply: arithmetic('multiply', 'Product of two series.', (a, b) => sql`${a} * ${b}`, true),
  series_divide: arithmetic('divide', 'Quotient of two series.', (a, b) => sql`${a} / ${b}`, false),
  series_pow: arithmetic('pow', 'One series to the power of another.', (a, b) => sql`pow(${a}, ${b})`, false),
  series_equals: comparison('equals', 'Where two series are equal.', (a, b) => sql`${a} = ${b}`),
  series_not_equals: comparison('not_equals', 'Where two series differ.', (a, b) => sql`${a} != ${b}`),
  series_greater: comparison('greater', 'Where the first series is greater.', (a, b) => sql`${a} > ${b}`),
  series_greater_equals: comparison(
    'greater_equals',
    'Where the first series is no smaller.',
    (a, b) => sql`${a} >= ${b}`,
  ),
  series_less: comparison('less', 'Where the first series is smaller.', (a, b) => sql`${a} < ${b}`),
  series_less_equals: comparison(
    'less_equals',
    'Where the first series is no greater.',
    (a, b) => sql`${a} <= ${b}`,
  ),
};
