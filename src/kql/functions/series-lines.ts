import { type Sql, sql } from '../../clickhouse/sql.ts';
import { isArray } from './elements.ts';
import { toElement } from './json.ts';
import { operand } from './operand.ts';
import type { Argument, FunctionFamily } from './registry.ts';
import { knownNumbers } from './series-filters.ts';
import { once, printReals, shortened } from './series-numbers.ts';
import { tuple } from './tuple.ts';

/** The least-squares line through a series, place 0 first. */
export interface Line {
  readonly slope: Sql;
  readonly interception: Sql;
}

/** Of numbers without NULL, of which there is at least one. */
export function lineThrough(numbers: Sql): Line {
  const count = sql`toFloat64(length(${numbers}))`;
  const sum = sql`arraySum(${numbers})`;
  const moment = sql`arraySum((__v, __i) -> __v * (__i - 1), ${numbers}, arrayEnumerate(${numbers}))`;
  const places = sql`(${count} * (${count} - 1) / 2)`;
  const squares = sql`(${count} * (${count} - 1) * (2 * ${count} - 1) / 6)`;
  const slope = sql`if(${count} < 2, 0., (${count} * ${moment} - ${places} * ${sum}) / (${count} * ${squares} - ${places} * ${places}))`;
  const interception = sql`((${sum} - ${slope} * ${places}) / ${count})`;
  return { slope, interception };
}

/** The line's value at each place of the numbers. */
function lineValues(numbers: Sql): Sql {
  const { slope, interception } = lineThrough(numbers);
  return sql`arrayMap((__k, __c) -> arrayMap(__i -> __c + __k * (__i - 1), arrayEnumerate(${numbers})), [${slope}], [${interception}])[1]`;
}

const NAMES = ['rsquare', 'slope', 'variance', 'rvariance', 'interception', 'line_fit'] as const;

function fitted(args: readonly Argument[], name: (typeof NAMES)[number]): Sql {
  return shortened(args, (own) => {
    const series = operand(own, 0);
    const numbers = sql`if(${isArray(series.sql)}, ${knownNumbers(series)}, [])`;
    const empty = name === 'line_fit' ? sql`''` : sql`NULL`;
    return once(sql`__s`, numbers, (s) => sql`if(empty(${s}), ${empty}, ${partOf(s, name)})`);
  });
}

function partOf(numbers: Sql, name: (typeof NAMES)[number]): Sql {
  const residuals = sql`arrayMap((__v, __f) -> __v - __f, ${numbers}, ${lineValues(numbers)})`;
  const degrees = sql`greatest(length(${numbers}) - 1, 1)`;
  const variance = sql`(arrayReduce('varPop', ${numbers}) * length(${numbers}) / ${degrees})`;
  const rest = sql`(arraySum(__v -> __v * __v, ${residuals}) / ${degrees})`;
  switch (name) {
    case 'slope':
      return lineThrough(numbers).slope;
    case 'interception': {
      // The reference counts places from 1 here.
      const { slope, interception } = lineThrough(numbers);
      return sql`(${interception} - ${slope})`;
    }
    case 'variance':
      return variance;
    case 'rvariance':
      return rest;
    case 'rsquare':
      return once(sql`__v2`, variance, (v) => sql`if(${v} = 0, 1., 1 - ${rest} / ${v})`);
    case 'line_fit':
      return printReals(lineValues(numbers));
  }
}

export const seriesLines: FunctionFamily = {
  series_fit_line: {
    summary: 'The line that fits a series best, as columns.',
    page: 'series-fit-line-function',
    params: ['dynamic'],
    nulls: 'maybe',
    sql: (args) =>
      tuple(
        NAMES.map((name) => ({ type: name === 'line_fit' ? 'dynamic' : 'real', sql: fitted(args, name) })),
      ),
  },
  series_fit_line_dynamic: {
    summary: 'The line that fits a series best, as a bag.',
    page: 'series-fit-line-dynamic-function',
    params: ['dynamic'],
    nulls: 'never',
    sql: (args) => {
      const part = (name: (typeof NAMES)[number]) =>
        toElement(fitted(args, name), name === 'line_fit' ? 'dynamic' : 'real');
      const bag = sql`concat('{"rsquare":', ${part('rsquare')}, ',"slope":', ${part('slope')}, ',"variance":', ${part('variance')}, ',"rvariance":', ${part('rvariance')}, ',"interception":', ${part('interception')}, ',"line_fit":', ${part('line_fit')}, '}')`;
      return sql`if(${isArray(operand(args, 0).sql)}, ${bag}, '')`;
    },
  },
};
