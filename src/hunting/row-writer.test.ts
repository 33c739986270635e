import { expect, it } from 'vitest';
import { cutRows } from '../clickhouse/row-batch.ts';
import type { KqlType } from '../model/kql-type.ts';
import { CELL_FORMATS } from './cells.ts';
import { createRowWriter } from './row-writer.ts';

const TOKENS: Readonly<Record<KqlType, readonly string[]>> = {
  bool: ['true', 'null'],
  int: ['-1', 'null'],
  long: ['9223372036854775807', 'null'],
  guid: ['"12345678-1234-1234-1234-123456789012"', 'null'],
  string: ['"é \\"quoted\\" 😀"', 'null', '""', `"${'long '.repeat(60_000)}"`],
  real: ['0.5', '"nan"', '"-inf"', 'null'],
  decimal: ['"1.10"', 'null'],
  datetime: ['"2020-08-30T06:38:35.7664356Z"', '"2020-08-30T06:38:35Z"', 'null'],
  timespan: ['936000000000', 'null'],
  dynamic: ['"{\\"a\\":1}"', '""', '"no json"', `"[${'1,'.repeat(40_000)}1]"`],
};

it('writes every kind of token as its cell format does', () => {
  const cells = Object.entries(TOKENS).flatMap(([type, tokens]) =>
    tokens.map((token) => ({ type: type as KqlType, token })),
  );
  const columns = cells.map(({ type }, i) => ({ name: `${type} "${i}" ü`, type }));
  const expected = cells
    .map(({ type, token }, i) => `${JSON.stringify(columns[i]?.name)}:${CELL_FORMATS[type](token)}`)
    .join(',');
  const line = `[${cells.map(({ token }) => token).join(',')}]\n`;
  const { batch } = cutRows(Buffer.from(line.repeat(3)));
  const writer = createRowWriter(columns);
  expect(Buffer.from(writer.write(batch, 1)).toString()).toBe(`{${expected}}`);
  expect(Buffer.from(writer.write(batch, 2)).toString()).toBe(`,{${expected}},{${expected}}`);
  expect(writer.write(batch, 0)).toHaveLength(0);
});

it('refuses rows that do not fit the columns', () => {
  const { batch } = cutRows(Buffer.from('[1,2]\n'));
  expect(() => createRowWriter([{ name: 'a', type: 'long' }]).write(batch, 1)).toThrow();
});
