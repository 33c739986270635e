import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { count, ident, int64, type Sql, sql, text } from '../../src/clickhouse/sql.ts';
import { allRows, huntRows, startTestEngine, type TestEngine } from './harness.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
  for (const tenant of ['tenant_a', 'tenant_b']) {
    await engine.database.command(sql`CREATE DATABASE ${ident(tenant)}`);
    const table = sql`${ident(tenant)}.${ident('t')}`;
    await engine.database.command(
      sql`CREATE TABLE ${table} (n UInt64, s String) ENGINE = MergeTree ORDER BY n`,
    );
    await engine.database.command(
      sql`INSERT INTO ${table} SELECT number, ${text(`secret of ${tenant}`)} FROM numbers(100000)`,
    );
  }
});
afterAll(() => engine.stop());

// Where a session was seen to answer its next query with the rows of a broken one.
const BROKEN: readonly [string, Sql, Record<string, unknown>, string][] = [
  ['fails at once', sql`SELECT s, nowhere FROM tenant_a.t`, {}, 'EngineError'],
  ['fails in mid-stream', sql`SELECT s, throwIf(n = 99000) FROM tenant_a.t ORDER BY n`, {}, 'EngineError'],
  [
    'runs out of time',
    sql`SELECT s, sum(sipHash64(n, number)) FROM tenant_a.t CROSS JOIN numbers(1000000) AS m GROUP BY s`,
    { timeoutMs: 300 },
    'QueryTimeout',
  ],
  ['is refused', sql`SELECT s FROM tenant_b.t`, {}, 'StatementRefused'],
];

test.each(BROKEN)(
  'after a query of one tenant that %s, the other gets its own rows',
  async (_, statement, options, code) => {
    for (let round = 0; round < 5; round++) {
      await expect(huntRows(engine.database, statement, options)).rejects.toMatchObject({ code });
      const answers = await Promise.all(
        [1, 2, 3, 4].map((i) =>
          huntRows(engine.database, sql`SELECT n, s FROM tenant_b.t WHERE n = ${int64(i)}`, {
            database: 'tenant_b',
          }),
        ),
      );
      expect(answers).toEqual([1, 2, 3, 4].map((i) => [[String(i), '"secret of tenant_b"']]));
      expect(await engine.database.rows(sql`SELECT 7 AS seven`)).toEqual([{ seven: 7 }]);
    }
  },
);

test('after a query that was killed from outside or left early, the other tenant gets its own rows', async () => {
  for (let round = 0; round < 5; round++) {
    const killed = await engine.database.hunt({
      database: 'tenant_a',
      queryId: randomUUID(),
      timeoutMs: 30_000,
      statement: sql`SELECT s, sipHash64(n) FROM tenant_a.t CROSS JOIN numbers(100000) AS m`,
    });
    if (round % 2 === 0) {
      const reading = allRows(killed);
      reading.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await engine.database.command(sql`KILL QUERY WHERE Settings['readonly'] = '1' SYNC`);
      await expect(reading).rejects.toMatchObject({ code: 'QueryCancelled' });
      await expect(killed.statistics).rejects.toMatchObject({ code: 'QueryCancelled' });
    } else {
      for await (const batch of killed.rows) if (batch.length > 0) break;
    }
    const answers = await Promise.all(
      [1, 2, 3].map(() =>
        huntRows(engine.database, sql`SELECT DISTINCT s FROM tenant_b.t`, { database: 'tenant_b' }),
      ),
    );
    expect(answers.flat(2)).toEqual(Array(3).fill('"secret of tenant_b"'));
  }
});

test('an inserted batch is held exactly, as one part, however it is sent', async () => {
  const { database } = engine;
  await database.command(
    sql`CREATE TABLE tenant_a.batches (n UInt64, s String) ENGINE = MergeTree ORDER BY n`,
  );
  const sizes = [1, 1000, 100_000];
  await Promise.all(
    sizes.map((size, k) => {
      const lines = Array.from({ length: size }, (_, i) =>
        JSON.stringify([k * 1e6 + i, `row "${i}"\n${'é'.repeat(70)}`]),
      );
      return database.insert({
        database: 'tenant_a',
        table: 'batches',
        columns: ['n', 's'],
        body: Buffer.from(`${lines.join('\n')}\n`),
        fsync: k === 1,
      });
    }),
  );
  const held = await database.rows(
    sql`SELECT intDiv(n, 1000000) AS k, count() AS rows, uniqExact(n) AS distinct, uniqExact(_part) AS parts
        FROM tenant_a.batches GROUP BY k ORDER BY k`,
  );
  expect(held).toEqual(
    sizes.map((size, k) => ({ k: String(k), rows: String(size), distinct: String(size), parts: '1' })),
  );
});

test('a batch with one bad row stores nothing', async () => {
  const { database } = engine;
  await database.command(sql`CREATE TABLE tenant_a.strict (n UInt64) ENGINE = MergeTree ORDER BY n`);
  const body = Buffer.from(`${Array.from({ length: 50_000 }, (_, i) => `[${i}]`).join('\n')}\n["x"]\n`);
  await expect(
    database.insert({ database: 'tenant_a', table: 'strict', columns: ['n'], body }),
  ).rejects.toMatchObject({ code: 'EngineError' });
  expect(await database.rows(sql`SELECT count() AS rows FROM tenant_a.strict`)).toEqual([{ rows: '0' }]);
});

test('statistics are what the engine measured', async () => {
  const result = await engine.database.hunt({
    database: 'tenant_a',
    queryId: randomUUID(),
    timeoutMs: 30_000,
    statement: sql`SELECT sum(sipHash64(n, number)) FROM tenant_a.t CROSS JOIN numbers(${count(300)}) AS m`,
  });
  await allRows(result);
  const statistics = await result.statistics;
  expect(statistics.readRows).toBe(100_300);
  expect(statistics.userCpuUs).toBeGreaterThan(10_000);
  expect(statistics.peakMemoryBytes).toBeGreaterThan(10_000);
  expect(statistics.elapsedUs).toBeGreaterThan(10_000);
  expect(statistics.queuedUs).toBeLessThan(statistics.elapsedUs);
});
