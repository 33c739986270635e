import { count, type Sql, sql } from '../../clickhouse/sql.ts';
import { isRepeatable } from '../functions/bind.ts';
import { toElement, toJson } from '../functions/coerce.ts';
import { arrayElements, bagMembers } from '../functions/dynamic-path.ts';
import { type Argument, ArgumentFault } from '../functions/registry.ts';
import { type AggregationSql, argumentAt, both, engineAggregate, overAll, overSome } from './filtered.ts';
import type { Aggregation, AggregationFamily } from './registry.ts';

/** The largest and the default size. https://learn.microsoft.com/kusto/query/make-list-aggregation-function */
const MOST_ELEMENTS = 1_048_576;
/** The default of the old spellings. */
const OLD_MOST_ELEMENTS = 128;
/** How many members of bags are looked at before the first one of each key is kept. */
const MOST_MEMBERS = 16_000_000;

/** All values that are not null, in the order of the input where it is sorted. */
function list(fallback: number, nulls: 'skip' | 'keep' = 'skip'): AggregationSql {
  return (args, where) => {
    const value = argumentAt(args, 0);
    const size = args[1];
    const most = [count(sizeOf(size, fallback))];
    if (value.type === 'dynamic') return listOfDynamic(value, size, most, where);
    if (nulls === 'keep' && value.nullable) {
      return arrayText(engineAggregate('groupArray', most, [toElement(value.sql, value.type)], where));
    }
    return elementsText(engineAggregate('groupArray', most, [value.sql], where), value);
  };
}

/**
 * An array gives its elements, one by one, and a null stays: measured on the Kusto emulator. Where the size is left to
 * the default only the values are counted, so that arrays need not be taken apart.
 */
function listOfDynamic(
  value: Argument,
  size: Argument | undefined,
  most: readonly Sql[],
  where: Sql | undefined,
): Sql {
  const json = value.sql;
  if (size !== undefined) {
    const parts = sql`multiIf(startsWith(${json}, '['), ${arrayElements(json)}, ${json} = '', ['null'], [${json}])`;
    return arrayText(engineAggregate('groupArrayArray', most, [parts], where));
  }
  const inside = sql`substring(${json}, 2, length(${json}) - 2)`;
  const part = sql`multiIf(startsWith(${json}, '['), ${inside}, ${json} = '', 'null', ${json})`;
  return arrayText(engineAggregate('groupArray', most, [part], both(where, sql`(${json} != '[]')`)));
}

/** All different values that are not null, sorted so that an answer stays the same; an array gives its elements. */
function set(fallback: number): AggregationSql {
  return (args, where) => {
    const value = argumentAt(args, 0);
    const most = [count(sizeOf(args[1], fallback))];
    if (value.type !== 'dynamic') {
      return elementsText(
        sql`arraySort(${engineAggregate('groupUniqArray', most, [value.sql], where)})`,
        value,
      );
    }
    const json = value.sql;
    const parts = sql`if(startsWith(${json}, '['), ${arrayElements(json)}, [${json}])`;
    const different = engineAggregate('groupUniqArrayArray', most, [parts], where);
    return arrayText(sql`arraySort(arrayFilter(__v -> __v NOT IN ('', 'null'), ${different}))`);
  };
}

/** The members of all bags; of several with one key the first. Values that are no bags do not count. */
function bag(fallback: number): AggregationSql {
  return (args, where) => {
    const value = argumentAt(args, 0);
    const most = count(sizeOf(args[1], fallback));
    const isBag = sql`startsWith(${value.sql}, '{')`;
    const members = engineAggregate(
      'groupArrayArray',
      [count(MOST_MEMBERS)],
      [bagMembers(value.sql)],
      both(where, isBag),
    );
    const first = sql`arrayFilter((__m, __i) -> __i = 1, ${members}, arrayEnumerateUniq(tupleElement(${members}, 1)))`;
    const texts = sql`arrayMap(__m -> concat(toJSONString(__m.1), ':', __m.2), arraySlice(${first}, 1, ${most}))`;
    return sql`concat('{', arrayStringConcat(${texts}, ','), '}')`;
  };
}

function elementsText(values: Sql, value: Argument): Sql {
  const each = arrayText(sql`arrayMap(__v -> ${toJson(sql`__v`, value.type)}, ${values})`);
  if (value.type !== 'string' || !isRepeatable(values)) return each;
  // Texts are printed all at once in half the time, but one that is no UTF-8 must be mended by itself.
  const whole = sql`toJSONString(${values})`;
  return sql`if(isValidUTF8(${whole}), ${whole}, ${each})`;
}

function arrayText(elements: Sql): Sql {
  return sql`concat('[', arrayStringConcat(${elements}, ','), ']')`;
}

function sizeOf(size: Argument | undefined, fallback: number): number {
  if (size === undefined) return fallback;
  const most = Number(size.constant);
  if (size.constant === undefined || size.constant === null || !Number.isInteger(most) || most < 1) {
    throw new ArgumentFault('the largest size is a positive constant');
  }
  return Math.min(most, MOST_ELEMENTS);
}

function plain(summary: string, page: string, make: AggregationSql): Aggregation {
  return { summary, page, nulls: 'never', sql: overAll(make) };
}

function filtered(summary: string, page: string, make: AggregationSql): Aggregation {
  return { summary, page, params: ['any', 'bool', 'any'], nulls: 'never', sql: overSome(make, 1) };
}

export const sets: AggregationFamily = {
  make_list: plain('Array of all values.', 'make-list-aggregation-function', list(MOST_ELEMENTS)),
  make_list_if: filtered(
    'Array of the values in the rows for which the predicate is true.',
    'make-list-if-aggregation-function',
    list(MOST_ELEMENTS),
  ),
  make_list_with_nulls: plain(
    'Array of all values, nulls included.',
    'make-list-with-nulls-aggregation-function',
    list(MOST_ELEMENTS, 'keep'),
  ),
  makelist: plain(
    'Array of all values, at most 128.',
    'make-list-aggregation-function',
    list(OLD_MOST_ELEMENTS),
  ),
  make_set: plain('Array of the different values.', 'make-set-aggregation-function', set(MOST_ELEMENTS)),
  make_set_if: filtered(
    'Array of the different values in the rows for which the predicate is true.',
    'make-set-if-aggregation-function',
    set(MOST_ELEMENTS),
  ),
  makeset: plain(
    'Array of the different values, at most 128.',
    'make-set-aggregation-function',
    set(OLD_MOST_ELEMENTS),
  ),
  make_bag: plain('Bag with the members of all bags.', 'make-bag-aggregation-function', bag(MOST_ELEMENTS)),
  make_bag_if: filtered(
    'Bag with the members of the bags in the rows for which the predicate is true.',
    'make-bag-if-aggregation-function',
    bag(MOST_ELEMENTS),
  ),
  make_dictionary: plain(
    'Bag with the members of all bags, at most 128.',
    'make-bag-aggregation-function',
    bag(OLD_MOST_ELEMENTS),
  ),
};
