import { type Sql, sql } from '../../clickhouse/sql.ts';
import { arrayElements } from './dynamic-path.ts';
import { isArray, printArray } from './elements.ts';
import { operand } from './operand.ts';
import type { Argument, FunctionFamily, ScalarFunction } from './registry.ts';
import { tuple } from './tuple.ts';

/** Array functions that sort. The result has one column per array, all in the order of the first. */
export const arrayOrder: FunctionFamily = {
  array_sort_asc: sorted('ascending', 'array-sort-asc-function', [
    ['array_sort_asc(dynamic([null, "b", 10, 9, "a"]))', '[9,10,"a","b",null]'],
  ]),
  array_sort_desc: sorted('descending', 'array-sort-desc-function', [
    ['array_sort_desc(dynamic([null, "a", 1, "b", 2]))', '[2,1,"b","a",null]'],
    ['array_sort_desc(dynamic([1, 3, 2]), dynamic(["a", "b", "c"]))[1]', '["b","c","a"]'],
    ['array_sort_desc(dynamic([null, "a", "b"]), false)', '[null,"b","a"]'],
  ]),
};

function sorted(
  direction: 'ascending' | 'descending',
  page: string,
  examples: NonNullable<ScalarFunction['examples']>,
): ScalarFunction {
  return {
    summary: `Each array in the ${direction} order of the first; nulls last, or first where the last argument is false.`,
    page,
    sql: (args) => {
      const arrays = args.filter((arg) => arg.type === 'dynamic');
      const nullsLast = args.at(-1)?.type !== 'bool' || args.at(-1)?.constant !== false;
      const keys = arrayElements(operand(arrays, 0).sql);
      const order = sql`${direction === 'ascending' ? sql`arraySort` : sql`arrayReverseSort`}(__n -> ${sortKey(sql`(${keys})[__n]`, nullsLast, direction)}, arrayEnumerate(${keys}))`;
      return tuple(arrays.map((array) => ({ sql: inOrder(array, keys, order), type: 'dynamic' }) as const));
    },
    examples,
  };
}

/** An array of another length than the first has no order and is null. */
function inOrder(array: Argument, keys: Sql, order: Sql): Sql {
  const elements = arrayElements(array.sql);
  return sql`if(${isArray(array.sql)} AND length(${elements}) = length(${keys}), ${printArray(sql`arrayMap(__p -> (${elements})[__p], ${order})`)}, '')`;
}

/** Numbers, then strings in the order of their bytes, then the rest, whatever the direction; nulls after or before all. */
function sortKey(element: Sql, nullsLast: boolean, direction: 'ascending' | 'descending'): Sql {
  const isNull = sql`${element} = 'null'`;
  const nullsHigh = nullsLast === (direction === 'ascending');
  const ranks =
    direction === 'ascending'
      ? sql`0, startsWith(${element}, '"'), 1, 2`
      : sql`2, startsWith(${element}, '"'), 1, 0`;
  const kind = sql`multiIf(isNotNull(toFloat64OrNull(${element})), ${ranks})`;
  const number = sql`ifNull(toFloat64OrNull(${element}), 0)`;
  return sql`tuple(${nullsHigh ? isNull : sql`${element} != 'null'`}, ${kind}, ${number}, JSONExtractString(${element}))`;
}
