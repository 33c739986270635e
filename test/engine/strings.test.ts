import { afterAll, beforeAll, expect, test } from 'vitest';
import { float64, ident, int64, joinSql, sql, text } from '../../src/clickhouse/sql.ts';
import { huntRows, startTestEngine, type TestEngine } from './harness.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

const ASCII = Array.from({ length: 128 }, (_, i) => String.fromCharCode(i));
const ADVERSARIAL = [
  ...ASCII,
  ...ASCII.map((char) => `\\${char}`),
  ...ASCII.map((char) => `'${char}'`),
  ASCII.join(''),
  '',
  "''",
  "' OR 1 = 1 --",
  "\\' OR 1",
  '`); DROP TABLE x',
  '\\0',
  '\\x41\\u0041\\N',
  'a\r\nb\u2028c\u2029d\u0085',
  '\u0000\u0000',
  '{p:String}',
  '$$heredoc$$',
  '/* comment */ -- rest',
  '😀👩‍👩‍👧‍👦\u{10FFFF}',
  '\u202Eright to left\u202C שלום',
  '\uFEFFbyte order mark',
  '\uFFFD\uFFFE\uFFFF',
  'ｆｕｌｌ ｗｉｄｔｈ',
  'e\u0301 against é',
  'x'.repeat(100_000),
];

test('any text comes back from the engine as it went in', async () => {
  const columns = ADVERSARIAL.map((value) => text(value));
  const [row] = await huntRows(engine.database, sql`SELECT ${joinSql(columns, ', ')}`);
  expect(row?.map((token) => JSON.parse(token))).toEqual(ADVERSARIAL);
});

test('the engine counts the bytes of every text that we count', async () => {
  const lengths = ADVERSARIAL.map((value) => sql`length(${text(value)})`);
  const [row] = await huntRows(engine.database, sql`SELECT ${joinSql(lengths, ', ')}`);
  expect(row?.map(Number)).toEqual(ADVERSARIAL.map((value) => Buffer.byteLength(value)));
});

test('a lone surrogate becomes the replacement character', async () => {
  const [row] = await huntRows(engine.database, sql`SELECT ${text('a\uD800b')}, ${text('\uDC00')}`);
  expect(row?.map((token) => JSON.parse(token))).toEqual(['a\uFFFDb', '\uFFFD']);
});

test('any name is a name, and nothing else', async () => {
  const names = ADVERSARIAL.filter((name) => name !== '' && name.length < 1000);
  for (let from = 0; from < names.length; from += 50) {
    const some = names.slice(from, from + 50);
    const inner = joinSql(
      some.map((name, i) => sql`${int64(i)} AS ${ident(name)}`),
      ', ',
    );
    const outer = joinSql(some.map(ident), ', ');
    // Our own statements may use any name; the wall takes none with a control character.
    const read = await engine.database.rows<Record<string, string>>(
      sql`SELECT ${outer} FROM (SELECT ${inner})`,
    );
    expect(
      Object.values(read[0] ?? {})
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual(some.map((_, i) => i));
    const plain = some.filter((name) => !/\p{Cc}/u.test(name));
    const columns = plain.map((name, i) => sql`${int64(i)} AS ${ident(name)}`);
    const [row] = await huntRows(
      engine.database,
      sql`SELECT ${joinSql(plain.map(ident), ', ')} FROM (SELECT ${joinSql(columns, ', ')})`,
    );
    expect(row?.map(Number)).toEqual(plain.map((_, i) => i));
  }
});

test('numbers keep every digit', async () => {
  const whole = [0n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
  const real = [0, -0, 1.5, -2.5e-300, 5e-324, Number.MAX_VALUE, 0.1 + 0.2];
  const [row] = await huntRows(
    engine.database,
    sql`SELECT ${joinSql([...whole.map(int64), ...real.map(float64)], ', ')}`,
  );
  expect(row?.slice(0, whole.length)).toEqual(whole.map(String));
  expect(row?.slice(whole.length).map(Number)).toEqual(real);
});

test('not a number and the infinities come back as words', async () => {
  const values = [float64(Number.NaN), float64(Number.POSITIVE_INFINITY), float64(Number.NEGATIVE_INFINITY)];
  expect(await huntRows(engine.database, sql`SELECT ${joinSql(values, ', ')}`)).toEqual([
    ['"nan"', '"inf"', '"-inf"'],
  ]);
});
