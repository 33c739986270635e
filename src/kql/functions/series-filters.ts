import { type Sql, sql } from '../../clickhouse/sql.ts';
import { operand } from './operand.ts';
import type { Argument, FunctionFamily } from './registry.ts';
import { numbersOf, once, overSeries, printReals, shortened } from './series-numbers.ts';

/** Numbers of a series, 0 for those that are missing. */
export function knownNumbers(series: Argument): Sql {
  return sql`arrayMap(__x -> ifNull(__x, 0.), ${numbersOf(series)})`;
}

/**
 * A finite impulse response: each place is the sum of itself and the places before it, weighed by the filter; before
 * the start there are zeros. Centred, as many places after it count as before.
 * https://learn.microsoft.com/kusto/query/series-fir-function
 */
function fir(args: readonly Argument[]): Sql {
  const [series, filter] = [operand(args, 0), operand(args, 1)];
  const center = args[3]?.sql ?? sql`false`;
  const result = once(sql`__s`, knownNumbers(series), (s) =>
    once(sql`__f`, knownNumbers(filter), (f) => {
      const normalize = args[2]?.sql ?? sql`NOT arrayExists(__x -> __x < 0, ${f})`;
      const weights = sql`if(${normalize}, arrayMap(__x -> __x / arraySum(${f}), ${f}), ${f})`;
      return once(sql`__h`, sql`if(${center}, intDiv(length(${f}), 2), 0)`, (half) => {
        const padded = sql`arrayConcat(${s}, arrayWithConstant(${half}, 0.))`;
        return sql`arraySlice(${convolved(padded, weights)}, ${half} + 1)`;
      });
    }),
  );
  const wrong = sql`ifNull(${args[2]?.sql ?? sql`false`}, false) AND arrayExists(__x -> __x < 0, ${knownNumbers(filter)})`;
  return overSeries([series, filter], sql`if(${wrong}, '', ${printReals(result)})`);
}

/** The sum of the series shifted by each place of the weights. Empty weights give zeros. */
function convolved(numbers: Sql, weights: Sql): Sql {
  const shifted = sql`arrayMap((__w, __j) -> arrayMap(__x -> __x * __w, arrayResize(arrayConcat(arrayWithConstant(__j - 1, 0.), ${numbers}), length(${numbers}))), ${weights}, arrayEnumerate(${weights}))`;
  return sql`if(empty(${weights}) OR empty(${numbers}), arrayMap(__x -> 0., ${numbers}), arrayReduce('sumForEach', ${shifted}))`;
}

/**
 * An infinite impulse response: what the numerators make of the series, less what the denominators make of the results
 * so far. https://learn.microsoft.com/kusto/query/series-iir-function
 */
function iir(args: readonly Argument[]): Sql {
  const [series, numerators, denominators] = [operand(args, 0), operand(args, 1), operand(args, 2)];
  const input = once(sql`__s`, knownNumbers(series), (s) =>
    once(sql`__b`, knownNumbers(numerators), (b) => convolved(s, b)),
  );
  const result = once(sql`__u`, input, (u) =>
    once(sql`__a`, knownNumbers(denominators), (a) => {
      // The results so far, newest first, cut to as many as the denominators need.
      const recent = sql`arrayResize(arrayReverse(arraySlice(__y, -least(length(__y), length(__q)))), length(__q), 0.)`;
      const next = sql`(__x - arraySum((__c, __z) -> __c * __z, __q, ${recent})) / __d`;
      const folded = sql`arrayFold((__y, __x) -> arrayPushBack(__y, ${next}), ${u}, CAST([], 'Array(Float64)'))`;
      const general = sql`arrayMap((__q, __d) -> ${folded}, [arraySlice(${a}, 2)], [${a}[1]])[1]`;
      // The usual filter is a running sum.
      return sql`if(${a} = [1., -1.], arrayCumSum(${u}), ${general})`;
    }),
  );
  const usable = sql`ifNull(${knownNumbers(denominators)}[1] != 0, false)`;
  return overSeries([series, numerators, denominators], sql`if(${usable}, ${printReals(result)}, '')`);
}

export const seriesFilters: FunctionFamily = {
  series_fir: {
    summary: 'A series through a finite impulse response filter, such as a moving average.',
    page: 'series-fir-function',
    params: ['dynamic', 'dynamic', 'bool', 'bool'],
    nulls: 'never',
    sql: (args) => shortened(args, fir),
  },
  series_iir: {
    summary: 'A series through an infinite impulse response filter, such as a running sum.',
    page: 'series-iir-function',
    params: ['dynamic', 'dynamic', 'dynamic'],
    nulls: 'never',
    sql: (args) => shortened(args, iir),
  },
};
