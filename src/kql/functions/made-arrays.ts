import { count, type Sql, sql, text } from '../../clickhouse/sql.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { convert } from './coerce.ts';
import { arrayElements } from './dynamic-path.ts';
import { commaList, isArray, MAX_MADE_ELEMENTS, printArray } from './elements.ts';
import { toElement } from './json.ts';
import { ticksToDatetime } from './numbers.ts';
import { operand } from './operand.ts';
import { type Argument, ArgumentFault, type FunctionFamily } from './registry.ts';

const HOUR_TICKS = sql`toInt64(36000000000)`;

/** Values from `start` on, in steps, up to and including `stop`, cut at the most elements an array may have. */
function rangeOf(args: readonly Argument[]): Sql {
  const start = operand(args, 0);
  const stop = operand(args, 1);
  const step = args[2];
  const ticks = start.type === 'datetime' || start.type === 'timespan';
  const type: KqlType = ticks
    ? 'long'
    : args.every((arg) => arg.type === 'int' || arg.type === 'long')
      ? 'long'
      : 'real';
  const by = step ? convert(step.sql, step.type, type) : ticks ? HOUR_TICKS : sql`1`;
  const bounds = sql`tuple(${commaList([convert(start.sql, start.type, type), convert(stop.sql, stop.type, type), by])})`;
  const steps =
    type === 'long'
      ? sql`toInt64(least(intDiv(toInt256(__r.2) - __r.1, toInt256(__r.3)), ${count(MAX_MADE_ELEMENTS - 1)}))`
      : sql`toInt64(least(floor((__r.2 - __r.1) / __r.3 + 1e-9), ${count(MAX_MADE_ELEMENTS - 1)}))`;
  const away = sql`__r.3 = 0 OR (__r.2 < __r.1 AND __r.3 > 0) OR (__r.2 > __r.1 AND __r.3 < 0)`;
  const value = sql`__r.1 + __n * __r.3`;
  const element =
    start.type === 'datetime'
      ? toElement(ticksToDatetime(sql`(${value})`), 'datetime')
      : toElement(sql`(${value})`, ticks ? start.type : type);
  const elements = sql`if(${away}, CAST([], 'Array(String)'), arrayMap(__n -> ${element}, range(toUInt64(greatest(${steps}, 0) + 1))))`;
  const unknown = sql`isNull(__r.1) OR isNull(__r.2) OR isNull(__r.3)`;
  return sql`arrayMap(__r -> if(${unknown}, '', ${printArray(elements)}), [${bounds}])[1]`;
}

/** Functions that make arrays. */
export const madeArrays: FunctionFamily = {
  range: {
    summary: 'An array of values at equal distances, both ends included.',
    page: 'range-function',
    sql: rangeOf,
    examples: [
      ['range(1, 8, 3)', '[1,4,7]'],
      ['range(1h, 3h)', '["01:00:00","02:00:00","03:00:00"]'],
      ['range(datetime(2007-01-01), datetime(2007-01-02), 1d)[1]', '2007-01-02T00:00:00.0000000Z'],
      ['range(3, 1)', '[]'],
    ],
  },
  repeat: {
    summary: 'An array of the same value several times.',
    page: 'repeat-function',
    params: ['any', 'long'],
    sql: (args) => {
      const value = operand(args, 0);
      if (value.type === 'dynamic') throw new ArgumentFault('`repeat` takes no dynamic value');
      const times = operand(args, 1).sql;
      const size = sql`toUInt64(least(greatest(ifNull(${times}, 0), 0), ${count(MAX_MADE_ELEMENTS)}))`;
      const repeated = printArray(sql`arrayWithConstant(${size}, ${toElement(value.sql, value.type)})`);
      return sql`if(ifNull(${times} < 0, true), '', ${repeated})`;
    },
    examples: [
      ['repeat("x", 3)', '["x","x","x"]'],
      ['repeat(1, 0)', '[]'],
    ],
  },
  zip: {
    summary: 'An array of the arrays of the values at equal places; null where an array is shorter.',
    page: 'zip-function',
    params: ['dynamic'],
    sql: (args) => {
      const arrays = args.map((arg) => arrayElements(arg.sql));
      const longest = sql`arrayMax([${commaList(arrays.map((array) => sql`length(${array})`))}])`;
      const at = (array: Sql) => sql`if(__n <= length(${array}), (${array})[__n], 'null')`;
      const row = printArray(sql`[${commaList(arrays.map(at))}]`);
      const isAny = sql`arrayExists(__z -> __z, [${commaList(args.map((arg) => isArray(arg.sql)))}])`;
      return sql`if(${isAny}, ${printArray(sql`arrayMap(__n -> ${row}, range(1, ${longest} + 1))`)}, ${text('')})`;
    },
    examples: [['zip(dynamic(["A", 1, 1.5]), dynamic([{}, "B"]))', '[["A",{}],[1,"B"],[1.5,null]]']],
  },
};
