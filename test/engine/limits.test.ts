import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { count, joinSql, type Sql, sql } from '../../src/clickhouse/sql.ts';
import { allRows, huntRows, startTestEngine, type TestEngine } from './harness.ts';

const MIB = 2 ** 20;
let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine({
    memoryBytes: 1500 * MIB,
    slots: 4,
    caps: { memoryBytes: 300 * MIB, spillAtBytes: 60 * MIB, joinBytes: 60 * MIB, threads: 2 },
  });
});
afterAll(() => engine.stop());

const ENDLESS = sql`SELECT sum(sipHash64(number)) FROM numbers(1000000000000)`;

async function runningHunts(): Promise<number> {
  const [row] = await engine.database.rows<{ n: string }>(
    sql`SELECT count() AS n FROM system.processes WHERE Settings['readonly'] = '1'`,
  );
  return Number(row?.n);
}

async function memoryInUse(): Promise<number> {
  const [row] = await engine.database.rows<{ n: string }>(
    sql`SELECT sum(memory_usage) AS n FROM system.user_processes`,
  );
  return Number(row?.n);
}

async function until(condition: () => Promise<boolean>, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a query over its memory gets a coded error, and the engine lives', async () => {
  const { pid } = engine.engine;
  await expect(
    huntRows(engine.database, sql`SELECT length(groupArray(number)) FROM numbers(1000000000)`),
  ).rejects.toMatchObject({ code: 'QueryMemoryExceeded', status: 400 });
  expect(engine.engine.pid).toBe(pid);
  await until(async () => (await memoryInUse()) < 20 * MIB, 3000);
  expect(await huntRows(engine.database, sql`SELECT 1`)).toEqual([['1']]);
});

test('queries that fill the whole engine fail one by one, and the engine lives', async () => {
  const greedy = sql`SELECT length(groupArray(number)) FROM numbers(20000000)`;
  const tight = await startTestEngine({ memoryBytes: 700 * MIB, caps: { memoryBytes: 600 * MIB } });
  const outcomes = await Promise.all(
    [1, 2, 3, 4].map(() =>
      huntRows(tight.database, greedy).then(
        () => 'answered',
        (error: { code: string }) => error.code,
      ),
    ),
  );
  expect(outcomes).toContain('QueryMemoryExceeded');
  expect(outcomes.filter((outcome) => outcome !== 'answered' && outcome !== 'QueryMemoryExceeded')).toEqual(
    [],
  );
  expect(await huntRows(tight.database, sql`SELECT 1`)).toEqual([['1']]);
  await tight.stop();
});

test('a passed deadline stops the query in the engine', async () => {
  const started = performance.now();
  await expect(huntRows(engine.database, ENDLESS, { timeoutMs: 400 })).rejects.toMatchObject({
    code: 'QueryTimeout',
    status: 400,
  });
  expect(performance.now() - started).toBeLessThan(2000);
  await until(async () => (await runningHunts()) === 0, 2000);
});

test('a deadline holds while scalar subqueries are computed, and others are answered meanwhile', async () => {
  const slow = huntRows(engine.database, sql`SELECT (${ENDLESS})`, { timeoutMs: 1000 });
  slow.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const started = performance.now();
  expect(await huntRows(engine.database, sql`SELECT 1`)).toEqual([['1']]);
  expect(performance.now() - started).toBeLessThan(700);
  await expect(slow).rejects.toMatchObject({ code: 'QueryTimeout' });
  await until(async () => (await runningHunts()) === 0, 3000);
});

test('a cancelled request stops the query in the engine, and its memory is free again', async () => {
  const cancel = new AbortController();
  const hunt = huntRows(
    engine.database,
    sql`SELECT uniqExact(number % 2000000, sipHash64(number) % 3) FROM numbers(1000000000000)`,
    { signal: cancel.signal },
  );
  hunt.catch(() => undefined);
  await until(async () => (await memoryInUse()) > 30 * MIB, 10_000);
  cancel.abort();
  await expect(hunt).rejects.toMatchObject({ code: 'QueryCancelled', status: 499 });
  await until(async () => (await runningHunts()) === 0 && (await memoryInUse()) < 20 * MIB, 3000);
});

test('leaving the rows early stops the query in the engine', async () => {
  const result = await engine.database.hunt({
    database: 'tenant_a',
    queryId: randomUUID(),
    timeoutMs: undefined,
    statement: sql`SELECT number, number + 1 FROM numbers(1000000000000)`,
  });
  let rows = 0;
  for await (const batch of result.rows) {
    rows += batch.length;
    if (rows > 1000) break;
  }
  await expect(result.statistics).rejects.toMatchObject({ code: 'QueryCancelled' });
  await until(async () => (await runningHunts()) === 0, 3000);
});

const SPILLING: readonly [string, Sql, (rows: string[][]) => void][] = [
  [
    'a sort of 10 M rows',
    sql`SELECT count(), max(n) FROM (SELECT number AS n, sipHash64(number) AS h FROM numbers(10000000) ORDER BY h, n LIMIT 9999999)`,
    (rows) => expect(rows[0]?.[0]).toBe('9999999'),
  ],
  [
    'a grouping of 10 M keys',
    sql`SELECT count(), sum(c) FROM (SELECT sipHash64(number) AS k, count() AS c FROM numbers(10000000) GROUP BY k)`,
    (rows) => expect(rows).toEqual([['10000000', '10000000']]),
  ],
  [
    'a join of 4 M with 4 M rows',
    sql`SELECT count(), sum(l.n = r.n) FROM (SELECT number AS n, toString(sipHash64(number)) AS k FROM numbers(4000000)) AS l
        INNER JOIN (SELECT number AS n, toString(sipHash64(number)) AS k FROM numbers(4000000)) AS r ON l.k = r.k`,
    (rows) => expect(rows).toEqual([['4000000', '4000000']]),
  ],
];

test.each(SPILLING)('%s spills and stays under 300 MiB', async (name, statement, check) => {
  const queryId = randomUUID();
  const result = await engine.database.hunt({ database: 'tenant_a', queryId, timeoutMs: 120_000, statement });
  check(await allRows(result));
  const statistics = await result.statistics;
  console.log(
    `${name}: ${Math.round(statistics.elapsedUs / 1000)} ms, peak ${Math.round((statistics.peakMemoryBytes ?? 0) / MIB)} MiB`,
  );
  expect(statistics.peakMemoryBytes).toBeLessThanOrEqual(300 * MIB);
  expect(statistics.peakMemoryBytes).toBeGreaterThan(10 * MIB);
});

test('four queries run at the same time, the fifth waits', async () => {
  const cancel = new AbortController();
  const hunts = Array.from({ length: 5 }, () =>
    huntRows(engine.database, ENDLESS, { signal: cancel.signal }),
  );
  for (const hunt of hunts) hunt.catch(() => undefined);
  await until(async () => (await runningHunts()) === 4, 5000);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await runningHunts()).toBe(4);
  const started = performance.now();
  expect(await engine.database.rows(sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
  expect(performance.now() - started).toBeLessThan(2000);
  cancel.abort();
  const outcomes = await Promise.allSettled(hunts);
  expect(outcomes.every((outcome) => outcome.status === 'rejected')).toBe(true);
  await until(async () => (await runningHunts()) === 0, 3000);
});

test('a tenant with a long line does not hold up another', async () => {
  const slow = sql`SELECT sum(sipHash64(number)) FROM numbers(30000000)`;
  const order: string[] = [];
  const one = (database: string) =>
    huntRows(engine.database, slow, { database, timeoutMs: 120_000 }).then(() => order.push(database));
  const many = Array.from({ length: 16 }, () => one('tenant_a'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const few = [one('tenant_b'), one('tenant_b')];
  await Promise.all([...many, ...few]);
  expect(order.lastIndexOf('tenant_b')).toBeLessThan(13);
});

test('the time in the queue counts towards the deadline', async () => {
  const cancel = new AbortController();
  const hunts = Array.from({ length: 4 }, () =>
    huntRows(engine.database, ENDLESS, { signal: cancel.signal }),
  );
  for (const hunt of hunts) hunt.catch(() => undefined);
  await until(async () => (await runningHunts()) === 4, 5000);
  await expect(huntRows(engine.database, sql`SELECT 1`, { timeoutMs: 300 })).rejects.toMatchObject({
    code: 'QueryTimeout',
  });
  cancel.abort();
  await Promise.allSettled(hunts);
});

test('a large result streams: the engine grows little, with a slow reader too', async () => {
  const before = residentBytes();
  const result = await engine.database.hunt({
    database: 'tenant_a',
    queryId: randomUUID(),
    timeoutMs: 120_000,
    statement: sql`SELECT number, repeat('x', 500), toString(number) FROM numbers(1000000)`,
  });
  let rows = 0;
  let peak = 0;
  let batches = 0;
  for await (const batch of result.rows) {
    rows += batch.length;
    if (batches++ % 500 === 0) {
      peak = Math.max(peak, residentBytes());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  expect(rows).toBe(1_000_000);
  console.log(`1 M rows of 500 bytes: the engine grew by ${Math.round((peak - before) / MIB)} MiB`);
  if (before > 0) expect(peak - before).toBeLessThan(200 * MIB);
});

test('a block of 16 MB is stored with bounded memory', async () => {
  await engine.database.command(sql`CREATE DATABASE IF NOT EXISTS tenant_a`);
  await engine.database.command(
    sql`CREATE TABLE tenant_a.t (n UInt64, s String) ENGINE = MergeTree ORDER BY n`,
  );
  const body = Buffer.from(
    Array.from({ length: 100_000 }, (_, i) => `[${i},"${'y'.repeat(150)}"]\n`).join(''),
  );
  const before = residentBytes();
  const started = performance.now();
  for (let i = 0; i < 10; i++) {
    await engine.database.insert({ database: 'tenant_a', table: 't', columns: ['n', 's'], body });
  }
  const grown = residentBytes() - before;
  console.log(
    `10 blocks of ${body.length >> 20} MiB: ${Math.round((performance.now() - started) / 10)} ms each, the engine grew by ${Math.round(grown / MIB)} MiB`,
  );
  expect(await engine.database.rows(sql`SELECT count() AS n FROM tenant_a.t`)).toEqual([{ n: '1000000' }]);
  if (before > 0) expect(grown).toBeLessThan(400 * MIB);
});

/** Of the engine process; 0 where the system does not tell (no procfs). */
function residentBytes(): number {
  try {
    return (
      Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${engine.engine.pid}/status`, 'utf8'))?.[1] ?? 0) *
      1024
    );
  } catch {
    return 0;
  }
}

test('100,000 rows of 30 columns are read in a moment', async () => {
  const columns = joinSql(
    Array.from({ length: 30 }, (_, i) =>
      i % 2 === 0 ? sql`number + ${count(i)}` : sql`concat('value ', toString(number))`,
    ),
    ', ',
  );
  const started = performance.now();
  const rows = await huntRows(engine.database, sql`SELECT ${columns} FROM numbers(100000)`);
  console.log(`100,000 rows of 30 columns: ${Math.round(performance.now() - started)} ms`);
  expect(rows.length).toBe(100_000);
  expect(rows.at(-1)?.length).toBe(30);
  expect(performance.now() - started).toBeLessThan(10_000);
});
