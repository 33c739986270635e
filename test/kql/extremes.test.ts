import { describe, expect, test } from 'vitest';
import { useRows } from './rows.ts';

/**
 * Whatever the data, no function may fail in the engine: every call is made on every combination of values at the ends
 * of their types, in columns, so that nothing is folded away.
 */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  int: ['int(-2147483648)', 'int(2147483647)', 'int(0)', 'int(-1)', 'int(null)'],
  long: ['long(-9223372036854775807)', 'long(9223372036854775807)', 'long(0)', 'long(-1)', 'long(null)'],
  real: ['real(nan)', 'real(+inf)', 'real(-inf)', '1.7976931348623157e308', '-0.0', '5e-324', 'real(null)'],
  decimal: ['decimal(0)', 'decimal(-1.5)', 'decimal(99999999999999999999999999999)', 'decimal(null)'],
  datetime: [
    'datetime(0001-01-01)',
    'datetime(9999-12-31 23:59:59.9999999)',
    'datetime(2020-02-29 12:00)',
    'datetime(null)',
  ],
  timespan: ['-9223372036854775807tick', '9223372036854775807tick', '0s', '-1tick', '1d', 'timespan(null)'],
  bool: ['true', 'false', 'bool(null)'],
  string: [
    '""',
    '"862a1072fffffff"',
    '"sunny"',
    '"x"',
    '"2020-01-01"',
    '"99999999999999999999"',
    '"\\u0000é"',
  ],
  dynamic: ['dynamic(null)', 'dynamic(1.5)', 'dynamic("x")', 'dynamic([1])', 'dynamic(9007199254740993)'],
};

const NUMBERS = ['int', 'long', 'real', 'decimal'];
const binary = (types: readonly string[], others: readonly string[], ...operators: readonly string[]) =>
  types.flatMap((left) => others.flatMap((right) => operators.map((op) => `${left}_a ${op} ${right}_b`)));
const each = (types: readonly string[], ...calls: readonly string[]) =>
  types.flatMap((type) =>
    calls.map((call) => call.replaceAll('A', `${type}_a`).replaceAll('B', `${type}_b`)),
  );

const UNITS = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'second', 'microsecond', 'nanosecond'];

const CALLS: readonly string[] = [
  ...binary(NUMBERS, NUMBERS, '+', '-', '*', '/', '%', '==', '<'),
  ...binary(['timespan'], ['int', 'long', 'real'], '*', '/'),
  ...binary(['timespan'], ['timespan'], '+', '-', '/', '%', '==', '>='),
  ...binary(['datetime'], ['timespan'], '+', '-', '%'),
  ...binary(['datetime'], ['datetime'], '-', '!=', '<='),
  ...binary(['dynamic'], ['long', 'real', 'string', 'bool'], '==', '!='),
  ...binary(['dynamic'], ['long'], '+', '-', '*', '/', '%'),
  ...each(NUMBERS, '-A', 'abs(A)', 'sign(A)', 'ceiling(A)', 'round(A)', 'round(A, 2)', 'round(A, -3)'),
  ...each(NUMBERS, 'bin(A, B)', 'bin_at(A, B, B)', 'max_of(A, B)', 'min_of(A, B)', 'iff(A == B, A, B)'),
  ...each(['real'], 'sqrt(A)', 'log(A)', 'log2(A)', 'log10(A)', 'exp(A)', 'exp2(A)', 'exp10(A)', 'pow(A, B)'),
  ...each(
    ['real'],
    'sin(A)',
    'tan(A)',
    'cot(A)',
    'asin(A)',
    'acos(A)',
    'atan2(A, B)',
    'gamma(A)',
    'loggamma(A)',
  ),
  ...each(['real', 'long'], 'unixtime_seconds_todatetime(A)', 'unixtime_nanoseconds_todatetime(A)'),
  ...each(
    ['int', 'long'],
    'binary_shift_left(A, B)',
    'binary_shift_right(A, B)',
    'tohex(A, B)',
    'binary_not(A)',
  ),
  ...each(['int', 'long'], 'make_datetime(A, B, A)', 'make_timespan(A, B)', 'make_timespan(A, B, A, B)'),
  ...each(['datetime', 'timespan'], 'max_of(A, B)', 'coalesce(A, B)', 'isnull(A)'),
  ...each(['timespan'], 'abs(A)', 'bin(A, B)', 'bin_at(A, B, B)', 'format_timespan(A, "d.hh:mm:ss.fffffff")'),
  'bin(datetime_a, timespan_b)',
  'bin_at(datetime_a, timespan_b, datetime_b)',
  ...UNITS.flatMap((unit) => [
    `datetime_add("${unit}", long_a, datetime_b)`,
    `datetime_diff("${unit}", datetime_a, datetime_b)`,
  ]),
  ...['day', 'week', 'month', 'year'].flatMap((period) => [
    `startof${period}(datetime_a)`,
    `endof${period}(datetime_a)`,
    `startof${period}(datetime_a, long_b)`,
    `endof${period}(datetime_a, long_b)`,
  ]),
  'dayofweek(datetime_a)',
  'weekofyear(datetime_a)',
  'week_of_year(datetime_a)',
  'datetime_part("nanosecond", datetime_a)',
  'datetime_utc_to_local(datetime_a, "Asia/Kolkata")',
  'datetime_local_to_utc(datetime_a, "America/New_York")',
  'format_datetime(datetime_a, "yyyy-MM-dd HH:mm:ss.fffffff tt h F")',
  ...each(['real'], 'geo_point_to_h3cell(A, B)', 'geo_point_to_geohash(A, B, 7)', 'geo_azimuth(A, B, B, A)'),
  ...each(['real'], 'geo_distance_2points(A, B, B, A)', 'erf(A)', 'beta_cdf(A, B, B)', 'beta_pdf(A, B, A)'),
  ...each(['string'], 'geo_h3cell_children(A)', 'geo_h3cell_rings(A, 2)', 'geo_h3cell_to_polygon(A)'),
  ...each(['string'], 'geo_geohash_neighbors(A)', 'geo_geohash_to_polygon(A)', 'geo_h3cell_parent(A, 3)'),
  'geo_line_length(dynamic_a)',
  'geo_point_in_polygon(real_a, real_b, dynamic_a)',
  'todatetime(string_a)',
  'totimespan(string_a)',
];

/** Rows of every pair of values of the types in `call`. */
function query(call: string): string {
  const columns = [...new Set(call.match(/\b[a-z]+_[ab]\b/g))];
  const tables = columns.map((column) => {
    const type = column.slice(0, -2);
    return `(datatable(k:int, ${column}:${type})[${(COLUMNS[type] ?? []).map((value) => `1, ${value}`).join(', ')}])`;
  });
  const [first, ...rest] = tables;
  const joined = rest.map((table) => ` | join kind=inner ${table} on k`).join('');
  return `${first}${joined} | extend v = ${call} | summarize n = count(), made = sum(strlen(tostring(v)))`;
}

describe('values at the ends of their types', () => {
  const rows = useRows();
  for (const call of CALLS) {
    test(call, async () => {
      const [row] = await rows(query(call));
      expect(row).toMatch(/^\[[1-9][0-9]*,[0-9]+\]$/);
    });
  }
});
