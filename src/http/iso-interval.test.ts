import { describe, expect, it } from 'vitest';
import { RequestError } from '../model/request-error.ts';
import { parseInstant, parseInterval } from './iso-interval.ts';

const NOW = Date.UTC(2021, 2, 31, 12);

function shown(text: string): string {
  const { fromTicks, toTicks } = parseInterval(text, NOW, 'Timespan');
  const time = (ticks: bigint) => new Date(Number(ticks / 10_000n)).toISOString();
  return `${time(fromTicks)} ${time(toTicks)}`;
}

describe('parseInterval', () => {
  it.each([
    ['2021-03-01/2021-03-02', '2021-03-01T00:00:00.000Z 2021-03-02T00:00:00.000Z'],
    ['2021-03-01T10:00:00Z/2021-03-01T11:00:00+01:00', '2021-03-01T10:00:00.000Z 2021-03-01T10:00:00.000Z'],
    ['P7D/2021-03-21T00:00:00Z', '2021-03-14T00:00:00.000Z 2021-03-21T00:00:00.000Z'],
    ['2021-03-01T00:00:00/PT1H30M', '2021-03-01T00:00:00.000Z 2021-03-01T01:30:00.000Z'],
    ['P1M', '2021-02-28T12:00:00.000Z 2021-03-31T12:00:00.000Z'],
    ['P1Y2W', '2020-03-17T12:00:00.000Z 2021-03-31T12:00:00.000Z'],
    ['pt0.5s', '2021-03-31T11:59:59.500Z 2021-03-31T12:00:00.000Z'],
    ['2021-03-30', '2021-03-30T00:00:00.000Z 2021-03-31T12:00:00.000Z'],
    [' 2021-03-30 10:00 ', '2021-03-30T10:00:00.000Z 2021-03-31T12:00:00.000Z'],
    ['P9999Y', '0001-01-01T00:00:00.000Z 2021-03-31T12:00:00.000Z'],
    ['2021-03-30/P9999Y', '2021-03-30T00:00:00.000Z 9999-12-31T23:59:59.999Z'],
  ])('reads %s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it.each([
    '',
    'P',
    'PT',
    'yesterday',
    '2021-02-30',
    '2021-03-02/2021-03-01',
    'P1D/P1D',
    '2021-03-01/2021-03-02/2021-03-03',
    '2030-01-01',
    'P1D/',
    '/P1D',
    `P${'9'.repeat(400)}D`,
    `${' '.repeat(100_000)}x`,
    `P${'1D'.repeat(50_000)}`,
  ])('refuses %.40s', (text) => {
    expect(() => parseInterval(text, NOW, 'Timespan')).toThrow(RequestError);
  });
});

describe('parseInstant', () => {
  it('keeps seven digits of a second', () => {
    expect(parseInstant('1970-01-01T00:00:00.1234567Z')).toBe(1_234_567n);
    expect(parseInstant('1970-01-01T00:00:00.123456789Z')).toBe(1_234_567n);
    expect(parseInstant('1969-12-31T23:59:59.9999999Z')).toBe(-1n);
  });
});
