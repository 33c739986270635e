import { int64, joinSql, type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { arrayElements } from './dynamic-path.ts';
import { commaList, comparableElement, isArray, overArray, printArray } from './elements.ts';
import { toElement } from './json.ts';
import { operand } from './operand.ts';
import type { Argument, FunctionFamily, ScalarFunction } from './registry.ts';

const arrayIff: ScalarFunction = {
  summary: 'Picks, place by place, from one array or the other; a scalar stands for every place.',
  page: 'array-iff-function',
  params: ['dynamic', 'any', 'any'],
  sql: (args) =>
    overArray(operand(args, 0).sql, (elements) => {
      const truth = sql`__x = 'true' OR toFloat64OrZero(__x) != 0`;
      const falsehood = sql`__x = 'false' OR toFloat64OrNull(__x) = 0`;
      const pick = sql`multiIf(${truth}, ${atPlace(operand(args, 1))}, ${falsehood}, ${atPlace(operand(args, 2))}, 'null')`;
      return printArray(sql`arrayMap((__x, __n) -> ${pick}, ${elements}, arrayEnumerate(${elements}))`);
    }),
  examples: [
    ['array_iff(dynamic([true, false, 1, 0, "x"]), "yes", "no")', '["yes","no","yes","no",null]'],
    ['array_iff(dynamic([true, true]), dynamic([1]), dynamic([2]))', '[1,null]'],
  ],
};

/** The element at `__n` of an array, or the scalar itself. */
function atPlace(argument: Argument): Sql {
  const scalar = toElement(argument.sql, argument.type);
  if (argument.type !== 'dynamic') return scalar;
  const element = sql`${arrayElements(argument.sql)}[__n]`;
  return sql`if(${isArray(argument.sql)}, if(${element} = '', 'null', ${element}), ${scalar})`;
}

function moved(
  summary: string,
  page: string,
  move: (elements: Sql, args: readonly Argument[]) => Sql,
  examples: NonNullable<ScalarFunction['examples']>,
): ScalarFunction {
  return {
    summary,
    page,
    params: ['dynamic', 'long', 'any'],
    sql: (args) =>
      overArray(operand(args, 0).sql, (elements) => sql`ifNull(${printArray(move(elements, args))}, '')`),
    examples,
  };
}

/** The engine refuses the one number that has no opposite. */
function distance(args: readonly Argument[]): Sql {
  return bind(
    sql`__n`,
    operand(args, 1).sql,
    (n) => sql`if(${n} < -9223372036854775807, -9223372036854775807, ${n})`,
  );
}

function filler(args: readonly Argument[]): Sql {
  const value = args[2];
  return value === undefined ? sql`'null'` : toElement(value.sql, value.type);
}

/** Both ends included, negative places from the end, clipped to the array. */
function slice(elements: Sql, start: Sql, end: Sql): Sql {
  const length = sql`toInt64(length(${elements}))`;
  const place = (value: Sql) =>
    sql`toInt64(if(${value} < 0, ${value} + ${length}, least(${value}, ${length})))`;
  const first = sql`greatest(${place(start)}, 0)`;
  return sql`arraySlice(${elements}, ${first} + 1, greatest(${place(end)} - ${first} + 1, 0))`;
}

function splitAt(elements: Sql, indices: Sql): Sql {
  const length = sql`toInt64(length(${elements}))`;
  const place = sql`least(greatest(if(__i < 0, __i + ${length}, __i), 0), ${length})`;
  const cuts = sql`arraySort(arrayMap(__i -> ${place}, ${indices}))`;
  const parts = sql`arrayMap((__f, __t) -> ${printArray(sql`arraySlice(${elements}, __f + 1, __t - __f)`)}, arrayPushFront(__c, toInt64(0)), arrayPushBack(__c, ${length}))`;
  return printArray(sql`arrayMap(__c -> ${parts}, [${cuts}])[1]`);
}

function indexOf(args: readonly Argument[]): Sql {
  const needle = comparableElement(operand(args, 1));
  const start = args[2]?.sql ?? int64(0);
  const length = args[3]?.sql ?? int64(-1);
  const occurrence = args[4]?.sql ?? int64(1);
  return overArray(
    operand(args, 0).sql,
    (elements) => {
      const from = sql`if(${start} < 0, greatest(${start} + toInt64(length(${elements})), 0), ${start})`;
      const hit = sql`__x = ${needle} AND __n > ${from} AND (${length} < 0 OR __n <= ${from} + ${length})`;
      const places = sql`arrayFilter((__n, __x) -> ${hit}, arrayEnumerate(${elements}), ${elements})`;
      return sql`if(${occurrence} > length(${places}), toInt64(-1), toInt64(${places}[greatest(${occurrence}, 1)]) - 1)`;
    },
    sql`NULL`,
  );
}

/** Functions of one array, or that join arrays end to end. */
export const arrays: FunctionFamily = {
  array_length: {
    summary: 'Number of elements; null for what is no array.',
    page: 'array-length-function',
    params: ['dynamic'],
    nulls: 'maybe',
    sql: (args) =>
      bind(sql`__a`, operand(args, 0).sql, (a) => sql`if(${isArray(a)}, toInt64(JSONLength(${a})), NULL)`),
    examples: [
      ['array_length(dynamic([1, null, "x"]))', '3'],
      [`isnull(array_length(parse_json('{"a": 1}')))`, 'True'],
    ],
  },
  array_concat: {
    summary: 'The elements of all arrays; what is no array is left out.',
    page: 'array-concat-function',
    params: ['dynamic'],
    sql: (args) => {
      const all = sql`arrayConcat(${commaList(args.map((arg) => arrayElements(arg.sql)))})`;
      return sql`if(${joinSql(
        args.map((arg) => isArray(arg.sql)),
        ' OR ',
      )}, ${printArray(all)}, '')`;
    },
    examples: [['array_concat(dynamic([1, 2]), dynamic(null), dynamic(["a"]))', '[1,2,"a"]']],
  },
  array_iff: arrayIff,
  array_iif: arrayIff,
  array_index_of: {
    summary: 'Zero-based place of a value in an array, -1 where it is not in it.',
    page: 'array-index-of-function',
    params: ['dynamic', 'any', 'long'],
    nulls: 'maybe',
    sql: indexOf,
    examples: [
      ['array_index_of(dynamic(["this", "is", "an", "example", "an"]), "an", 1, -1, 2)', '4'],
      ['array_index_of(dynamic([1, 2]), 3)', '-1'],
    ],
  },
  array_reverse: {
    summary: 'The elements from the last to the first.',
    page: 'array-reverse-function',
    params: ['dynamic'],
    sql: (args) => overArray(operand(args, 0).sql, (elements) => printArray(sql`arrayReverse(${elements})`)),
    examples: [['array_reverse(dynamic([1, "b"]))', '["b",1]']],
  },
  array_rotate_left: moved(
    'Moves the elements to the left; what leaves comes back on the right.',
    'array-rotate-left-function',
    (elements, args) => sql`arrayRotateLeft(${elements}, ${distance(args)})`,
    [['array_rotate_left(dynamic([1, 2, 3]), -1)', '[3,1,2]']],
  ),
  array_rotate_right: moved(
    'Moves the elements to the right; what leaves comes back on the left.',
    'array-rotate-right-function',
    (elements, args) => sql`arrayRotateRight(${elements}, ${distance(args)})`,
    [['array_rotate_right(dynamic([1, 2, 3]), 1)', '[3,1,2]']],
  ),
  array_shift_left: moved(
    'Moves the elements to the left and fills the places left free.',
    'array-shift-left-function',
    (elements, args) => sql`arrayShiftLeft(${elements}, ${distance(args)}, ${filler(args)})`,
    [['array_shift_left(dynamic([1, 2, 3]), 2)', '[3,null,null]']],
  ),
  array_shift_right: moved(
    'Moves the elements to the right and fills the places left free.',
    'array-shift-right-function',
    (elements, args) => sql`arrayShiftRight(${elements}, ${distance(args)}, ${filler(args)})`,
    [['array_shift_right(dynamic([1, 2, 3]), 1, "x")', '["x",1,2]']],
  ),
  array_slice: {
    summary: 'The elements between two places, both included; negative places count from the end.',
    page: 'array-slice-function',
    params: ['dynamic', 'long'],
    sql: (args) => {
      const [start, end] = [operand(args, 1).sql, operand(args, 2).sql];
      const known = sql`isNotNull(${start}) AND isNotNull(${end})`;
      return overArray(
        operand(args, 0).sql,
        (elements) => sql`if(${known}, ifNull(${printArray(slice(elements, start, end))}, ''), '')`,
      );
    },
    examples: [
      ['array_slice(dynamic([1, 2, 3, 4, 5, 6]), 2, -2)', '[3,4,5]'],
      ['array_slice(dynamic([1, 2]), 1, 100)', '[2]'],
    ],
  },
  array_split: {
    summary: 'Cuts an array before each given place; negative places count from the end.',
    page: 'array-split-function',
    params: ['dynamic', 'any'],
    sql: (args) => {
      const places = operand(args, 1);
      const indices =
        places.type === 'dynamic'
          ? sql`arrayMap(__x -> toInt64OrZero(__x), if(${isArray(places.sql)}, ${arrayElements(places.sql)}, [${places.sql}]))`
          : sql`[toInt64(ifNull(${places.sql}, 0))]`;
      return overArray(operand(args, 0).sql, (elements) => splitAt(elements, indices));
    },
    examples: [
      ['array_split(dynamic([1, 2, 3, 4, 5]), 2)', '[[1,2],[3,4,5]]'],
      ['array_split(dynamic([1, 2, 3, 4, 5]), dynamic([1, 3]))', '[[1],[2,3],[4,5]]'],
    ],
  },
  array_sum: {
    summary: 'Sum of the elements; null where one is no number.',
    page: 'array-sum-function',
    params: ['dynamic'],
    nulls: 'maybe',
    sql: (args) =>
      overArray(
        operand(args, 0).sql,
        (elements) =>
          sql`if(arrayExists(__x -> isNull(toFloat64OrNull(__x)), ${elements}), NULL, arraySum(__x -> toFloat64OrZero(__x), ${elements}))`,
        sql`NULL`,
      ),
    examples: [
      ['array_sum(dynamic([1, 2.5]))', '3.5'],
      ['isnull(array_sum(dynamic([1, "a"])))', 'True'],
    ],
  },
  pack_array: {
    summary: 'An array of the values.',
    page: 'pack-array-function',
    sql: (args) => {
      if (args.length === 0) return sql`'[]'`;
      const parts = args.flatMap((arg, i) => [i === 0 ? sql`'['` : sql`','`, toElement(arg.sql, arg.type)]);
      return sql`concat(${commaList([...parts, sql`']'`])})`;
    },
    examples: [['pack_array(1, "a", 2 * 1s, int(null))', '[1,"a","00:00:02",null]']],
  },
};
