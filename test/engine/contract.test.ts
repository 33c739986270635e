import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectDatabase } from '../../src/clickhouse/client.ts';
import type { Database } from '../../src/clickhouse/database.ts';
import { count, ident, type Sql, sql, text } from '../../src/clickhouse/sql.ts';
import { allRows, huntRows, startTestEngine } from './harness.ts';

/** What `database.ts` promises, held against the embedded engine and, where one is named, a ClickHouse server. */
const SERVER = process.env['SPOOR_TEST_CLICKHOUSE_URL'];
if (SERVER === undefined) {
  console.log('SPOOR_TEST_CLICKHOUSE_URL is not set: the contract is not tried on a ClickHouse server');
}

interface Target {
  readonly database: Database;
  stop(): Promise<void>;
}

function connectServer(url: string): Target {
  const { username, password, origin } = new URL(url);
  const database = connectDatabase({
    url: origin,
    ...(username === ''
      ? {}
      : { username: decodeURIComponent(username), password: decodeURIComponent(password) }),
  });
  return { database, stop: () => database.close() };
}

describe('the embedded engine', () => holdsTheContract(() => startTestEngine()));
describe.skipIf(SERVER === undefined)('a ClickHouse server', () =>
  holdsTheContract(async () => connectServer(SERVER ?? '')),
);

function holdsTheContract(connect: () => Promise<Target>): void {
  const own = `tenant_${randomUUID().replaceAll('-', '_')}`;
  const other = `tenant_${randomUUID().replaceAll('-', '_')}`;
  const table = sql`${ident(own)}.${ident('t')}`;
  let target: Target;
  let database: Database;

  const hunt = (statement: Sql, options = {}) => huntRows(database, statement, { database: own, ...options });

  beforeAll(async () => {
    target = await connect();
    database = target.database;
    for (const name of [own, other]) {
      await database.command(sql`CREATE DATABASE ${ident(name)}`);
      await database.command(
        sql`CREATE TABLE ${ident(name)}.${ident('t')} (n UInt64, s String, d DateTime64(7, 'UTC'), b Nullable(Bool))
            ENGINE = MergeTree ORDER BY n`,
      );
    }
  });
  afterAll(async () => {
    for (const name of [own, other]) await database.command(sql`DROP DATABASE ${ident(name)}`);
    await target.stop();
  });

  test('answers a ping', async () => {
    expect(await database.ping()).toBe(true);
  });

  test('stores a block and hunts in it, every value as the engine wrote it', async () => {
    await database.insert({
      database: own,
      table: 't',
      columns: ['s', 'n', 'd', 'b'],
      body: Buffer.from(
        '["a\\"\\u0000\\n😀", 18446744073709551615, "2020-08-30 06:38:35.7664356", true]\n' +
          '["", 0, "0001-01-01 00:00:00.0000000", null]\n',
      ),
      fsync: true,
    });
    expect(
      await hunt(sql`SELECT n, s, d, b, toDecimal64(${text('1.50')}, 2), 0.1 FROM ${table} ORDER BY n`),
    ).toEqual([
      ['0', '""', '"0001-01-01T00:00:00.0000000Z"', 'null', '"1.5"', '0.1'],
      [
        '18446744073709551615',
        '"a\\"\\u0000\\n😀"',
        '"2020-08-30T06:38:35.7664356Z"',
        'true',
        '"1.5"',
        '0.1',
      ],
    ]);
  });

  test('reads rows of our own, wide integers as text', async () => {
    expect(await database.rows(sql`SELECT max(n) AS most, toInt32(1) AS one FROM ${table}`)).toEqual([
      { most: '18446744073709551615', one: 1 },
    ]);
  });

  test('an empty result has no rows, and statistics', async () => {
    const result = await database.hunt({
      database: own,
      queryId: randomUUID(),
      timeoutMs: 10_000,
      statement: sql`SELECT n FROM ${table} WHERE 0`,
    });
    expect(await allRows(result)).toEqual([]);
    const statistics = await result.statistics;
    expect(statistics.elapsedUs).toBeGreaterThan(0);
    expect(statistics.queuedUs).toBeGreaterThanOrEqual(0);
  });

  test.each([
    ['another database', sql`SELECT * FROM ${ident(other)}.${ident('t')}`],
    ['the system', sql`SELECT * FROM system.tables`],
    ['a file', sql`SELECT file(${text('/etc/passwd')})`],
    ['the network', sql`SELECT * FROM url(${text('http://127.0.0.1:1/')}, ${text('LineAsString')})`],
    ['a setting', sql`SELECT 1 SETTINGS max_threads = 1`],
    ['a change', sql`DROP TABLE ${table}`],
  ])('refuses %s', async (_, statement) => {
    await expect(hunt(statement)).rejects.toMatchObject({ code: 'StatementRefused', status: 500 });
  });

  test('a passed deadline is QueryTimeout, before the first row and behind it', async () => {
    const endless = sql`SELECT sum(sipHash64(number)) FROM numbers(1000000000000)`;
    await expect(hunt(endless, { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'QueryTimeout',
      status: 400,
    });
    const streaming = sql`SELECT number, sipHash64(number) FROM numbers(1000000000000)`;
    await expect(hunt(streaming, { timeoutMs: 500 })).rejects.toMatchObject({ code: 'QueryTimeout' });
  });

  test('a request that was cancelled is QueryCancelled', async () => {
    const cancel = new AbortController();
    const endless = sql`SELECT sum(sipHash64(number)) FROM numbers(1000000000000)`;
    const running = hunt(endless, { signal: cancel.signal });
    setTimeout(() => cancel.abort(), 200);
    await expect(running).rejects.toMatchObject({ code: 'QueryCancelled', status: 499 });
    await expect(hunt(endless, { signal: cancel.signal })).rejects.toMatchObject({ code: 'QueryCancelled' });
  });

  test('a failure in mid-stream comes out of the rows', async () => {
    const result = await database.hunt({
      database: own,
      queryId: randomUUID(),
      timeoutMs: 30_000,
      statement: sql`SELECT number, throwIf(number = ${count(3_000_000)}) FROM numbers(10000000)`,
    });
    await expect(allRows(result)).rejects.toMatchObject({ code: 'EngineError', status: 500 });
    await expect(result.statistics).rejects.toMatchObject({ code: 'EngineError' });
  });

  test('too much memory is QueryMemoryExceeded', async () => {
    await expect(
      hunt(sql`SELECT length(groupArray(sipHash64(number))) FROM numbers(10000000000)`),
    ).rejects.toMatchObject({ code: 'QueryMemoryExceeded', status: 400 });
  });

  test('public messages carry no SQL', async () => {
    const failure = await hunt(sql`SELECT nowhere FROM ${table}`).catch((error: Error) => error);
    expect(failure).toMatchObject({ code: 'EngineError' });
    expect((failure as Error).message).not.toContain('nowhere');
  });

  test('a statement of ours can be stopped by time', async () => {
    await expect(
      database.rows(sql`SELECT sum(sipHash64(number)) AS s FROM numbers(1000000000000)`, { timeoutMs: 300 }),
    ).rejects.toMatchObject({ code: 'QueryTimeout' });
  });
}
