import { type Sql, sql } from '../../clickhouse/sql.ts';
import { convert } from './coerce.ts';
import { datetimeToTicks } from './numbers.ts';
import { need } from './operand.ts';
import type { Argument, FunctionFamily, ScalarFunction } from './registry.ts';

const hash64: ScalarFunction = {
  summary: 'The xxHash64 of the value, or its remainder by the second argument.',
  page: 'hash-function',
  params: ['any', 'long'],
  nulls: 'maybe',
  sql: ([value, modulus]) => {
    const hashed = sql`xxHash64(${bytesOf(need(value))})`;
    if (modulus === undefined) return sql`reinterpretAsInt64(${hashed})`;
    return sql`if(ifNull(${modulus.sql} > 0, 0), toInt64(${hashed} % toUInt64(greatest(1, ifNull(${modulus.sql}, 1)))), NULL)`;
  },
  examples: [
    ['hash("World")', '1846988464401551951'],
    ['hash("World", 100)', '51'],
    ['hash(datetime(2015-01-01))', '1380966698541616202'],
  ],
};

/** Texts by their UTF-8 bytes, numbers and times by their eight bytes in memory. */
function bytesOf(value: Argument): Sql {
  switch (value.type) {
    case 'string':
    case 'dynamic':
    case 'guid':
    case 'decimal':
      return convert(value.sql, value.type, 'string');
    case 'datetime':
      return sql`reinterpretAsFixedString(ifNull(${datetimeToTicks(value.sql)}, 0))`;
    case 'real':
      return sql`reinterpretAsFixedString(toFloat64(ifNull(${value.sql}, 0)))`;
    default:
      return sql`reinterpretAsFixedString(toInt64(ifNull(${value.sql}, 0)))`;
  }
}

function digest(name: string, page: string, make: (value: Sql) => Sql, result: string): ScalarFunction {
  return {
    summary: `The ${name} of the value's text, as lower-case hexadecimal digits.`,
    page,
    params: ['string'],
    nulls: 'never',
    sql: ([value]) => sql`lower(hex(${make(need(value).sql)}))`,
    examples: [[`${page.replace('-function', '').replace('-', '_')}("World")`, result]],
  };
}

/** https://learn.microsoft.com/kusto/query/hash-function */
export const hashing: FunctionFamily = {
  hash: hash64,
  hash_xxhash64: hash64,
  hash_md5: digest(
    'MD5',
    'hash-md5-function',
    (value) => sql`MD5(${value})`,
    'f5a7924e621e84c9280a9a27e1bcb7f6',
  ),
  hash_sha1: digest(
    'SHA-1',
    'hash-sha1-function',
    (value) => sql`SHA1(${value})`,
    '70c07ec18ef89c5309bbb0937f3a6342411e1fdd',
  ),
  hash_sha256: digest(
    'SHA-256',
    'hash-sha256-function',
    (value) => sql`SHA256(${value})`,
    '78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524',
  ),
};
