import { describe, expect, it } from 'vitest';
import type { KqlType } from '../../src/model/kql-type.ts';
import { REST, type RowsExpectation } from './cases.ts';
import { type CellRules, sameCell, showCell } from './cell.ts';
import { difference } from './compare.ts';
import { parseExactJson, splitRow } from './json-exact.ts';
import { datetimeTicks, formatTimespan, timespanTicks } from './times.ts';

const JSON_RULES: CellRules = {
  printed: false,
  unorderedArrays: false,
  significantDigits: undefined,
  rings: false,
};
const PAGE_RULES: CellRules = { ...JSON_RULES, printed: true };

const RING = [
  [1, 1],
  [1, 2],
  [2, 2],
  [1, 1],
];
const RING_ELSEWHERE = '"[[1,2],[2,2],[1,1],[1,2]]"';

describe('a cell', () => {
  const same: readonly [unknown, string, KqlType, CellRules?][] = [
    ['a', '"a"', 'string'],
    [null, '""', 'string'],
    ['9223372036854775807', '9223372036854775807', 'long'],
    [15, '15', 'real'],
    [0.1, '0.10000000000000002', 'real'],
    ['NaN', '"nan"', 'real'],
    ['-Infinity', '"-inf"', 'real'],
    ['3.50', '"3.5"', 'decimal'],
    ['2020-01-02T03:04:05.6Z', '"2020-01-02T03:04:05.6000000Z"', 'datetime'],
    ['1.02:03:04.5000000', '937845000000', 'timespan'],
    ['-00:00:01', '-10000000', 'timespan'],
    [true, 'true', 'bool'],
    [{ b: [1, 'x'], a: null }, '"{\\"a\\":null,\\"b\\":[1,\\"x\\"]}"', 'dynamic'],
    [null, '""', 'dynamic'],
    ['9007199254740993', '"9007199254740993"', 'dynamic'],
    [[2, 1], '"[1,2]"', 'dynamic', { ...JSON_RULES, unorderedArrays: true }],
    ['', 'null', 'long', PAGE_RULES],
    ['[ 1, 2 ]', '"[1,2]"', 'dynamic', PAGE_RULES],
    ['1,000,000', '"1000000"', 'decimal', PAGE_RULES],
    [RING, RING_ELSEWHERE, 'dynamic', { ...JSON_RULES, rings: true }],
    ['2017-08-01 00:00:00.0000000', '"2017-08-01T00:00:00.0000000Z"', 'datetime', PAGE_RULES],
  ];
  it.each(same)('%j is %s of type %s', (expected, token, type, rules = JSON_RULES) => {
    expect(sameCell(expected, token, type, rules)).toBe(true);
  });

  const different: readonly [unknown, string, KqlType, CellRules?][] = [
    ['', 'null', 'long'],
    [null, '0', 'long'],
    ['9223372036854775807', '9223372036854775806', 'long'],
    [1, '1.001', 'real'],
    ['NaN', 'null', 'real'],
    ['a', '"a "', 'string'],
    [[2, 1], '"[1,2]"', 'dynamic'],
    [[1, 1], '"[1,2]"', 'dynamic', { ...JSON_RULES, unorderedArrays: true }],
    [{ a: 1 }, '"{\\"a\\":1,\\"b\\":2}"', 'dynamic'],
    [1, '"\\"1\\""', 'dynamic'],
    ['1,00', '"100"', 'long', PAGE_RULES],
    [RING, RING_ELSEWHERE, 'dynamic'],
    [RING, '"[[1,1],[2,2],[1,2],[1,1]]"', 'dynamic', { ...JSON_RULES, rings: true }],
    ['1', '"1"', 'dynamic'],
    ['9007199254740993', '"9007199254740992"', 'dynamic'],
    ['2020-01-02T03:04:05.6Z', '"2020-01-02T03:04:05.6000001Z"', 'datetime'],
  ];
  it.each(different)('%j is not %s of type %s', (expected, token, type, rules = JSON_RULES) => {
    expect(sameCell(expected, token, type, rules)).toBe(false);
  });
});

describe('an answer', () => {
  const expected: RowsExpectation = {
    kind: 'rows',
    columns: [['a', 'b']],
    types: ['int|long', 'string'],
    alternatives: [
      [
        [1, 'x'],
        [2, 'y'],
      ],
    ],
    cells: 'json',
    ordered: false,
    unorderedArrays: false,
    extent: 'all',
    rowCount: undefined,
    loosening: undefined,
  };
  const columns = [
    { name: 'a', type: 'long' as const },
    { name: 'b', type: 'string' as const },
  ];
  const rows = [
    ['2', '"y"'],
    ['1', '"x"'],
  ];

  it('is a multiset of rows unless order is promised', () => {
    expect(difference(expected, { columns, rows })).toBeUndefined();
    expect(difference({ ...expected, ordered: true }, { columns, rows })).toBe('rows');
    expect(difference(expected, { columns, rows: [...rows, ['1', '"x"']] })).toBe('rows');
    expect(
      difference(expected, {
        columns,
        rows: [
          ['1', '"x"'],
          ['1', '"x"'],
        ],
      }),
    ).toBe('rows');
  });

  it('has the right names and types', () => {
    const named = (name: string, type: KqlType) => [{ name, type }, columns[1] ?? { name: '', type }];
    expect(difference(expected, { columns: named('A', 'long'), rows })).toBe('names');
    expect(difference(expected, { columns: named('a', 'real'), rows })).toBe('types');
  });

  it('may leave columns out of the header', () => {
    const shown = (...names: string[]) => ({ ...expected, columns: [names] });
    expect(difference(shown('b', REST), { columns, rows })).toBeUndefined();
    expect(difference(shown(REST), { columns, rows })).toBeUndefined();
    expect(difference(shown('b', 'a', REST), { columns, rows })).toBe('names');
  });

  it('may be known in part', () => {
    const first = { ...expected, alternatives: [[[2, 'y']]] };
    expect(difference({ ...first, extent: 'some', rowCount: 2 }, { columns, rows })).toBeUndefined();
    expect(difference({ ...first, extent: 'some', rowCount: 3 }, { columns, rows })).toBe('rows');
    expect(difference({ ...first, extent: 'last' }, { columns, rows })).toBe('rows');
  });

  it('holds a text', () => {
    const text = { kind: 'text', place: 'anywhere', text: '"a":1', squashed: true } as const;
    const bag = [{ name: 'd', type: 'dynamic' as const }];
    expect(difference(text, { columns: bag, rows: [['"{\\"a\\": 1}"']] })).toBeUndefined();
    expect(difference(text, { columns: bag, rows: [['"{\\"a\\": 2}"']] })).toBe('rows');
  });
});

describe('reading', () => {
  it('keeps the digits of whole numbers and the commas inside strings', () => {
    expect(splitRow('[1, "a,\\"]b", null, -9223372036854775808]')).toEqual([
      '1',
      '"a,\\"]b"',
      'null',
      '-9223372036854775808',
    ]);
    expect(parseExactJson('[12345678901234567890]')).toMatchObject([{ digits: '12345678901234567890' }]);
    expect(parseExactJson('{"a":"12345678901234567890"}')).toEqual({ a: '12345678901234567890' });
  });

  it('counts ticks', () => {
    expect(datetimeTicks('1970-01-01T00:00:00.0000001Z')).toBe(1n);
    expect(datetimeTicks('0001-01-01')).toBe(-621_355_968_000_000_000n);
    expect(datetimeTicks('no time')).toBeUndefined();
    expect(timespanTicks('-1.00:00:00')).toBe(-864_000_000_000n);
    expect(formatTimespan(-864_000_000_001n)).toBe('-1.00:00:00.0000001');
    expect(showCell('36000000000', 'timespan')).toBe('01:00:00');
  });
});
