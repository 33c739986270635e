import { expect, test } from 'vitest';
import { createRowDecoder } from './decode.ts';
import { type RowBatch, tokensOf } from './row-batch.ts';

const rowsOf = (batch: RowBatch | undefined) => (batch === undefined ? [] : tokensOf(batch));

const TEXT =
  '[1, "a\\"],[\\\\", null, -1.5e-7, true]\n' +
  '[18446744073709551615, "\\\\", [1,[2,"]"]], {"k":"}"}, "é😀"]\n' +
  '["", 0, "\\u0000\\n", false, "x,y"]\n';
const ROWS = [
  ['1', '"a\\"],[\\\\"', 'null', '-1.5e-7', 'true'],
  ['18446744073709551615', '"\\\\"', '[1,[2,"]"]]', '{"k":"}"}', '"é😀"'],
  ['""', '0', '"\\u0000\\n"', 'false', '"x,y"'],
];

test('every cut of the bytes gives the same tokens', () => {
  const bytes = Buffer.from(`${TEXT}{"figures":{}}\n`);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const decoder = createRowDecoder();
    const rows = [bytes.subarray(0, cut), bytes.subarray(cut)].flatMap((piece) =>
      rowsOf(decoder.push(piece)),
    );
    expect(rows).toEqual(ROWS);
    expect(decoder.finish()).toBe('{"figures":{}}\n');
  }
});

test('a row that was cut short is no row', () => {
  const decoder = createRowDecoder();
  const cutShort = Buffer.from('[1, "a"]\n[2, "b\n{"exception":"Code: 159"}\n');
  expect(rowsOf(decoder.push(cutShort))).toEqual([['1', '"a"']]);
  expect(decoder.finish()).toContain('{"exception":"Code: 159"}');
  const open = createRowDecoder();
  expect(open.push(Buffer.from('[1, "a"'))).toBeUndefined();
  expect(open.finish()).toBe('[1, "a"');
});

test('bytes that are no UTF-8 become replacement characters', () => {
  const decoder = createRowDecoder();
  const line = Buffer.concat([Buffer.from('["a'), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from('b", 1]\n')]);
  expect(rowsOf(decoder.push(line))).toEqual([['"a\ufffd(\ufffdb"', '1']]);
});

test('rows of different lengths are refused', () => {
  expect(() => createRowDecoder().push(Buffer.from('[1]\n[1,2]\n'))).toThrow();
});
