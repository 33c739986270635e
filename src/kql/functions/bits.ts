import { call, type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { need } from './operand.ts';
import type { FunctionFamily, ScalarFunction } from './registry.ts';

export const bits: FunctionFamily = {
  binary_and: both('bitAnd', 'binary-and-function', 'both', ['binary_and(6, 3)', '2']),
  binary_or: both('bitOr', 'binary-or-function', 'either', ['binary_or(5, 3)', '7']),
  binary_xor: both('bitXor', 'binary-xor-function', 'exactly one', ['binary_xor(1, 2)', '3']),
  binary_not: {
    summary: 'All bits reversed.',
    page: 'binary-not-function',
    params: ['long'],
    nulls: 'maybe',
    sql: ([value]) => sql`toInt64(bitNot(${need(value).sql}))`,
    examples: [['binary_not(100)', '-101']],
  },
  binary_shift_left: shift('bitShiftLeft', 'left', ['binary_shift_left(1, 66)', '4']),
  binary_shift_right: shift('bitShiftRight', 'right', ['binary_shift_right(8, 2)', '2']),
  bitset_count_ones: {
    summary: 'How many bits are set.',
    page: 'bitset-count-ones-function',
    params: ['long'],
    nulls: 'maybe',
    sql: ([value]) => sql`toInt64(bitCount(${need(value).sql}))`,
    examples: [['bitset_count_ones(42)', '3']],
  },
  tohex: {
    summary:
      "Lower-case hexadecimal digits, two's complement for a negative, padded with zeros to a minimum.",
    page: 'tohex-function',
    params: ['any', 'long'],
    nulls: 'never',
    sql: ([value, minimum]) => hexadecimal(need(value).sql, minimum?.sql),
    examples: [
      ['tohex(256)', '100'],
      ['tohex(-256)', 'ffffffffffffff00'],
      ['tohex(toint(-256), 8)', 'ffffff00'],
      ['tohex(256, 8)', '00000100'],
    ],
  },
  isutf8: {
    summary: 'True where the text is valid UTF-8.',
    page: 'isutf8-function',
    params: ['string'],
    nulls: 'never',
    sql: ([value]) => call('isValidUTF8', need(value).sql),
    examples: [['isutf8("some string")', 'True']],
  },
  isascii: {
    summary: 'True where the text is plain ASCII.',
    page: 'isascii-function',
    params: ['string'],
    nulls: 'never',
    sql: ([value]) => call('isValidASCII', need(value).sql),
    examples: [
      ['isascii("some string")', 'True'],
      ['isascii("café")', 'False'],
    ],
  },
};

type Example = readonly [query: string, result: string];

function both(name: string, page: string, which: string, example: Example): ScalarFunction {
  return {
    summary: `The bits that are set in ${which} of the arguments.`,
    page,
    params: ['long'],
    nulls: 'maybe',
    sql: ([left, right]) => sql`toInt64(${call(name, need(left).sql, need(right).sql)})`,
    examples: [example],
  };
}

/** The count is taken modulo 64; a negative one gives null. */
function shift(name: string, side: 'left' | 'right', example: Example): ScalarFunction {
  return {
    summary: `The bits moved to the ${side} by the second argument modulo 64; null where that is negative.`,
    page: `binary-shift-${side}-function`,
    params: ['long'],
    nulls: 'maybe',
    sql: ([value, count]) =>
      bind(
        sql`__n`,
        need(count).sql,
        (n) => sql`if(${n} < 0, NULL, toInt64(${call(name, need(value).sql, sql`toUInt8(${n} % 64)`)}))`,
      ),
    examples: [example, [`isnull(binary_shift_${side}(1, -1))`, 'True']],
  };
}

/** The engine prints whole bytes; the leading zeros go. An int has 32 bits, a long 64. */
function hexadecimal(value: Sql, minimum: Sql | undefined): Sql {
  const digits = sql`replaceRegexpOne(lower(hex(${value})), '^0+(.)', '\\\\1')`;
  if (minimum === undefined) return sql`ifNull(${digits}, '')`;
  return bind(
    sql`__h`,
    digits,
    (h) =>
      sql`ifNull(leftPad(${h}, toUInt8(greatest(toInt64(length(${h})), least(16, ifNull(${minimum}, 0)))), '0'), '')`,
  );
}
