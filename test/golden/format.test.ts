import { expect, it } from 'vitest';
import { parseGolden, printGolden } from './format.ts';

it('reads and writes the same text', () => {
  const text =
    'About.\n\n==== one\nprint 1\n| take 1\n---- sql\nSELECT 1\n---- rows\nprint_0:long\n1\n\n==== two\nnonsense\n---- error\n';
  const { preface, cases } = parseGolden(text);
  expect(cases).toEqual([
    {
      name: 'one',
      query: 'print 1\n| take 1',
      blocks: [
        { kind: 'sql', text: 'SELECT 1' },
        { kind: 'rows', text: 'print_0:long\n1' },
      ],
    },
    { name: 'two', query: 'nonsense', blocks: [{ kind: 'error', text: '' }] },
  ]);
  expect(printGolden(preface, cases)).toBe(text);
});

it('refuses an unknown block', () => {
  expect(() => parseGolden('==== x\nprint 1\n---- rowz\n')).toThrow('rowz');
});
