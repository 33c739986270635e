import { expect, test } from 'vitest';
import { createRowDecoder } from './decode.ts';

const TEXT =
  '[1, "a\\"],[\\\\", null, -1.5e-7, true]\n' +
  '[18446744073709551615, "\\\\", [1,[2,"]"]], {"k":"}"}, "é😀"]\n' +
  '[]\n' +
  '["", 0, "\\u0000\\n", false, "x,y"]\n';
const ROWS = [
  ['1', '"a\\"],[\\\\"', 'null', '-1.5e-7', 'true'],
  ['18446744073709551615', '"\\\\"', '[1,[2,"]"]]', '{"k":"}"}', '"é😀"'],
  [],
  ['""', '0', '"\\u0000\\n"', 'false', '"x,y"'],
];

test('every cut of the bytes gives the same tokens', () => {
  const bytes = Buffer.from(`${TEXT}{"figures":{}}\n`);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const decoder = createRowDecoder();
    const rows = [...decoder.push(bytes.subarray(0, cut)), ...decoder.push(bytes.subarray(cut))];
    expect(rows).toEqual(ROWS);
    expect(decoder.finish()).toBe('{"figures":{}}\n');
  }
});

test('a row that was cut short is no row', () => {
  const decoder = createRowDecoder();
  expect(decoder.push(Buffer.from('[1, "a"]\n[2, "b\n{"exception":"Code: 159"}\n'))).toEqual([['1', '"a"']]);
  expect(decoder.finish()).toContain('{"exception":"Code: 159"}');
  const open = createRowDecoder();
  expect(open.push(Buffer.from('[1, "a"'))).toEqual([]);
  expect(open.finish()).toBe('[1, "a"');
});

test('100,000 rows of 30 columns are cut in well under a second', () => {
  const row = Array.from({ length: 30 }, (_, i) =>
    i % 3 === 0 ? String(i * 1e6) : `"value \\"${i}\\" of a row"`,
  );
  const bytes = Buffer.from(`[${row.join(', ')}]\n`.repeat(100_000));
  const decoder = createRowDecoder();
  const started = performance.now();
  let rows = 0;
  for (let at = 0; at < bytes.length; at += 65_536)
    rows += decoder.push(bytes.subarray(at, at + 65_536)).length;
  const elapsedMs = performance.now() - started;
  console.log(`${rows} rows, ${bytes.length >> 20} MiB in ${Math.round(elapsedMs)} ms`);
  expect(rows).toBe(100_000);
  expect(elapsedMs).toBeLessThan(3000);
});
