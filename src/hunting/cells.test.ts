import { describe, expect, it } from 'vitest';
import { CELL_FORMATS } from './cells.ts';
import { formatTimespan } from './timespan.ts';

describe('cells', () => {
  it.each([
    ['long', '9223372036854775807', '9223372036854775807'],
    ['long', 'null', 'null'],
    ['bool', 'true', 'true'],
    ['real', '0.5', '0.5'],
    ['real', '"nan"', '"NaN"'],
    ['real', '"inf"', '"Infinity"'],
    ['real', '"-inf"', '"-Infinity"'],
    ['decimal', '"1.10"', '"1.1"'],
    ['decimal', '"100"', '"100"'],
    ['decimal', '"100.000"', '"100"'],
    ['string', 'null', '""'],
    ['string', '"a\\"b"', '"a\\"b"'],
    ['datetime', '"2020-08-30T06:38:35.7664356Z"', '"2020-08-30T06:38:35.7664356Z"'],
    ['datetime', '"2020-08-30T06:38:35Z"', '"2020-08-30T06:38:35.0000000Z"'],
    ['datetime', '"2020-08-30T06:38:35.5Z"', '"2020-08-30T06:38:35.5000000Z"'],
    ['datetime', 'null', 'null'],
    ['dynamic', '"{\\"a\\":12345678901234567890}"', '{"a":12345678901234567890}'],
    ['dynamic', '""', 'null'],
    ['dynamic', '"not json"', '"not json"'],
    ['timespan', '936000000000', '"1.02:00:00"'],
    ['timespan', 'null', 'null'],
  ] as const)('writes %s %s as %s', (type, token, expected) => {
    expect(CELL_FORMATS[type](token)).toBe(expected);
  });

  it('refuses a datetime in an unknown form', () => {
    expect(() => CELL_FORMATS.datetime('"yesterday"')).toThrow();
  });
});

describe('formatTimespan', () => {
  it.each([
    [0n, '00:00:00'],
    [1n, '00:00:00.0000001'],
    [-10_000_000n, '-00:00:01'],
    [864_000_000_000n, '1.00:00:00'],
    [9_223_372_036_854_775_807n, '10675199.02:48:05.4775807'],
    [-9_223_372_036_854_775_808n, '-10675199.02:48:05.4775808'],
  ])('writes %s ticks as %s', (ticks, expected) => {
    expect(formatTimespan(ticks)).toBe(expected);
  });
});
