import { call, type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { arrayElements } from './dynamic-path.ts';
import { isArray, printArray } from './elements.ts';
import { toElement } from './json.ts';
import type { Argument } from './registry.ts';

/**
 * A series is a dynamic array. Here it is read as `Array(Nullable(Float64))`: an element that is no number is NULL.
 * No lambda may read a whole array from outside: the engine would copy it for every element.
 */
export function numbersOf(series: Argument): Sql {
  return sql`arrayMap(__x -> ${numberIn(sql`__x`)}, ${arrayElements(series.sql)})`;
}

/** The number that an element's JSON text is; not-a-number and the infinities stand in JSON as strings. */
export function numberIn(element: Sql): Sql {
  return sql`toFloat64OrNull(multiIf(${element} = '"NaN"', 'nan', ${element} = '"Infinity"', 'inf', ${element} = '"-Infinity"', '-inf', ${element}))`;
}

/**
 * Whether any of these has reals; series of whole numbers keep whole numbers. One `match` over all: the engine rewrites
 * a chain of several and, inside a lambda, loses its way where a text comes from an aggregate.
 */
export function hasReals(...series: readonly Argument[]): Sql {
  if (series.some(({ type }) => type === 'real' || type === 'decimal')) return sql`true`;
  const texts = series.filter(({ type }) => type === 'dynamic').map((one) => one.sql);
  const [first] = texts;
  if (first === undefined) return sql`false`;
  return sql`match(${texts.length === 1 ? first : call('concat', ...texts)}, '[.eE]')`;
}

/** Reals as a series: whole ones too keep their `.0`. */
export function printReals(numbers: Sql): Sql {
  return printArray(sql`arrayMap(__y -> ${toElement(sql`__y`, 'real')}, ${numbers})`);
}

/** Numbers as a series of reals where `real` holds, else whole numbers without a fraction. */
export function printNumbers(numbers: Sql, real: Sql): Sql {
  const isWhole = sql`ifNull(__y = trunc(__y) AND abs(__y) < 9e15, false)`;
  const text = sql`if(${isWhole}, toString(toInt64(assumeNotNull(__y))), ${toElement(sql`__y`, 'real')})`;
  const whole = printArray(sql`arrayMap(__y -> ${text}, __nums)`);
  return sql`arrayMap((__nums, __real) -> if(__real, ${printReals(sql`__nums`)}, ${whole}), [${numbers}], [${real}])[1]`;
}

/** `body` where all of these are arrays, else null. */
export function overSeries(series: readonly Argument[], body: Sql): Sql {
  const arrays = series.filter(({ type }) => type === 'dynamic').map((one) => isArray(one.sql));
  if (arrays.length < series.length) return sql`''`;
  return sql`if(${arrays.reduce((all, one) => sql`${all} AND ${one}`)}, ${body}, '')`;
}

/** `body` over `value`, which is computed once and written once. */
export function once(variable: Sql, value: Sql, body: (value: Sql) => Sql): Sql {
  return sql`arrayMap(${variable} -> ${body(variable)}, [${value}])[1]`;
}

/** `body` over the arguments, of which long ones are written once: nested calls would grow exponentially. */
export function shortened(
  args: readonly Argument[],
  body: (args: readonly Argument[]) => Sql,
  place = 0,
): Sql {
  const argument = args[place];
  if (argument === undefined) return body(args);
  const rest = (value: Sql) =>
    shortened(
      args.map((other, i) => (i === place ? { ...argument, sql: value } : other)),
      body,
      place + 1,
    );
  return bind(PLACES[place] ?? sql`__p9`, argument.sql, rest);
}

const PLACES: readonly Sql[] = [
  sql`__p0`,
  sql`__p1`,
  sql`__p2`,
  sql`__p3`,
  sql`__p4`,
  sql`__p5`,
  sql`__p6`,
  sql`__p7`,
];
