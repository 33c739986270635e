import { describe, expect, it } from 'vitest';
import { readParameters } from './parameter-list.ts';

describe('readParameters', () => {
  it.each([
    ['()', []],
    ['(x:string)', [['x', 'string', undefined]]],
    [
      "(T:(*), name:string='a,b=(', rows:long=1000)",
      [
        ['T', '(*)', undefined],
        ['name', 'string', "'a,b=('"],
        ['rows', 'long', '1000'],
      ],
    ],
    [
      '(T:(a:long, b:string), d:datetime=datetime(2021-01-01), s:string="\\"")',
      [
        ['T', '(a:long, b:string)', undefined],
        ['d', 'datetime', 'datetime(2021-01-01)'],
        ['s', 'string', '"\\""'],
      ],
    ],
  ])('reads %s', (text, expected) => {
    expect(readParameters(text).map(({ name, type, fallback }) => [name, type, fallback])).toEqual(expected);
  });

  it('ends for text that is none', () => {
    expect(readParameters(`(${'('.repeat(10_000)}`)).toHaveLength(1);
  });
});
