import { describe, expect, it } from 'vitest';
import { cutAnswer, cutObject } from './answer.ts';
import { FORMATS } from './formats.ts';

const BODY =
  '{"Stats":{"a":[1,{"b":"}"}]},"Schema":[{"Name":"l","Type":"Int64"},{"Name":"s, \\"x","Type":"String"},' +
  '{"Name":"d","Type":"Object"}],"Results":[{"l":9223372036854775807,"s, \\"x":"a,\\"b\\"\\u001b[1m","d":{"k":[1,2]}},' +
  '{"l":null,"s, \\"x":"","d":null}]}';

describe('cutting an answer', () => {
  it('keeps rows as they were sent', () => {
    const { columns, rows } = cutAnswer(BODY);
    expect(columns.map(({ Name }) => Name)).toEqual(['l', 's, "x', 'd']);
    expect(rows).toHaveLength(2);
    expect(cutObject(rows[0] ?? '')[0]).toEqual(['l', '9223372036854775807']);
  });

  it('reads an answer without rows', () => {
    expect(cutAnswer('{"Stats":{},"Schema":[],"Results":[]}')).toEqual({ columns: [], rows: [] });
  });

  it('refuses what is no answer', () => {
    expect(() => cutAnswer('{"error":{}}')).toThrow(SyntaxError);
    expect(() => cutAnswer('[]')).toThrow(SyntaxError);
  });
});

describe('formats', () => {
  it('quotes CSV', () => {
    const csv = FORMATS['csv']?.(BODY) ?? '';
    expect(csv.split('\r\n').slice(0, 2)).toEqual([
      'l,"s, ""x",d',
      '9223372036854775807,"a,""b""\u001b[1m","{""k"":[1,2]}"',
    ]);
  });

  it('lets no control character through to a terminal', () => {
    expect(FORMATS['table']?.(BODY)).not.toContain('\u001b');
    expect(FORMATS['table']?.(BODY)).toContain('2 rows');
  });

  it('prints one row a line', () => {
    expect(FORMATS['ndjson']?.(BODY).split('\n')).toHaveLength(3);
  });
});
