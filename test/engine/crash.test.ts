import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDatabase } from '../../src/clickhouse/client.ts';
import { sql } from '../../src/clickhouse/sql.ts';
import { buildEngineEntry } from './build-entry.ts';
import { allRows, huntRows, startTestEngine, type TestEngine } from './harness.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
  await engine.database.command(sql`CREATE DATABASE tenant_a`);
  await engine.database.command(
    sql`CREATE TABLE tenant_a.t (n UInt64, s String) ENGINE = MergeTree ORDER BY n`,
  );
});
afterAll(() => engine.stop());

const SLOW = sql`SELECT sum(sipHash64(number)) FROM numbers(100000000000)`;

test('kill -9 of the engine: a coded error, the next query works, no acknowledged row is lost or doubled', async () => {
  const { database } = engine;
  let next = 0;
  let acknowledged = 0;
  for (let round = 0; round < 3; round++) {
    const killed = engine.engine.pid;
    expect(killed).toBeDefined();
    const restarted = new Promise<string>((resolve) => engine.engine.onExit(resolve));
    let inserting = true;
    const batches: number[] = [];
    const writer = (async () => {
      while (inserting) {
        const first = next;
        next += 1000;
        const body = Buffer.from(Array.from({ length: 1000 }, (_, i) => `[${first + i},"x"]\n`).join(''));
        try {
          await database.insert({ database: 'tenant_a', table: 't', columns: ['n', 's'], body });
          batches.push(first);
        } catch (error) {
          expect(error).toMatchObject({ code: 'EngineUnavailable', status: 503 });
        }
      }
    })();
    const hunts = [1, 2, 3].map(() =>
      huntRows(database, SLOW).then(
        () => 'answered',
        (error: { code: string }) => error.code,
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    const streaming = await database.hunt({
      database: 'tenant_a',
      queryId: randomUUID(),
      timeoutMs: undefined,
      statement: sql`SELECT number FROM numbers(100000000000)`,
    });
    const reading = allRows(streaming).then(
      () => 'answered',
      (error: { code: string }) => error.code,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.kill(killed ?? 0, 'SIGKILL');
    expect(await huntRows(database, sql`SELECT 1`)).toEqual([['1']]);
    expect(await Promise.all([...hunts, reading])).toEqual(Array(4).fill('EngineUnavailable'));
    expect(await restarted).toBe('SIGKILL');
    inserting = false;
    await writer;
    acknowledged += batches.length;
    const held = await database.rows<{ first: string; rows: string; distinct: string }>(
      sql`SELECT intDiv(n, 1000) * 1000 AS first, count() AS rows, uniqExact(n) AS distinct
          FROM tenant_a.t GROUP BY first`,
    );
    const whole = new Map(held.map((row) => [Number(row.first), row]));
    for (const first of batches) expect(whole.get(first)).toMatchObject({ rows: '1000', distinct: '1000' });
    // Also a batch that was not acknowledged is there entirely or not at all.
    for (const row of held) expect([row.rows, row.distinct]).toEqual(['1000', '1000']);
    expect(engine.engine.pid).not.toBe(killed);
  }
  expect(acknowledged).toBeGreaterThan(0);
});

test('kill -9 of the server: the engine ends itself, and a new server takes the folder over', async () => {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'spoor-orphan-'));
  const entry = buildEngineEntry();
  const supervisor = pathToFileURL(path.join(path.dirname(entry), 'supervisor.js')).href;
  const script = path.join(dataDir, 'server.mjs');
  writeFileSync(
    script,
    `import { startEmbeddedEngine } from ${JSON.stringify(supervisor)};
     const engine = await startEmbeddedEngine({ dataDir: process.argv[2], entry: process.argv[3] });
     console.log(JSON.stringify({ url: engine.url, key: engine.key, pid: engine.pid }));
     setInterval(() => undefined, 1000);`,
  );
  const server = spawn(process.execPath, [script, path.join(dataDir, 'data'), entry], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { url, key, pid } = JSON.parse(await firstLine(server)) as { url: string; key: string; pid: number };
  const first = connectDatabase({ url, key, readyWaitMs: 100 });
  await first.command(sql`CREATE DATABASE tenant_a`);
  await first.command(sql`CREATE TABLE tenant_a.t (n UInt64) ENGINE = MergeTree ORDER BY n`);
  await first.insert({ database: 'tenant_a', table: 't', columns: ['n'], body: Buffer.from('[1]\n[2]\n') });
  const inFlight = huntRows(first, SLOW).catch((error: { code: string }) => error.code);
  await new Promise((resolve) => setTimeout(resolve, 200));

  const killedAt = performance.now();
  server.kill('SIGKILL');
  const second = await startTestEngine({ dataDir: path.join(dataDir, 'data') });
  console.log(`a new server was ready ${Math.round(performance.now() - killedAt)} ms after the kill`);
  expect(await inFlight).toBe('EngineUnavailable');
  expect(isRunning(pid)).toBe(false);
  expect(await first.ping()).toBe(false);
  expect(await second.database.rows(sql`SELECT count() AS rows FROM tenant_a.t`)).toEqual([{ rows: '2' }]);
  await first.close();
  await second.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test('one data folder has one engine', async () => {
  await expect(startTestEngine({ dataDir: engine.dataDir, lockWaitMs: 300 })).rejects.toThrow(/lock/i);
  expect(await huntRows(engine.database, sql`SELECT 1`)).toEqual([['1']]);
});

test('a stopped engine says so at once', async () => {
  const own = await startTestEngine({ readyWaitMs: 2000 });
  await own.engine.stop();
  await expect(huntRows(own.database, sql`SELECT 1`)).rejects.toMatchObject({ code: 'EngineUnavailable' });
  await own.stop();
});

/** A process that ended but was not yet reaped by whoever inherited it does not run. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    // No procfs: it answered the signal, so it runs, or it ended just now.
    return process.platform !== 'linux';
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the server ended')));
    if (child.stdout !== null) createInterface({ input: child.stdout }).once('line', resolve);
  });
}
