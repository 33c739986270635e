import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tenantDatabase } from '../../src/catalog/ddl.ts';

import { createStageTable, listStageTables } from '../../src/clickhouse/stage-table.ts';
import { type Beside, createBeside } from '../../src/hunting/beside/pool.ts';
import { type Compiler, startCompilePool } from '../../src/hunting/compile-pool.ts';
import { createExternalFiles } from '../../src/hunting/external/files.ts';
import { createInspection } from '../../src/hunting/inspect.ts';
import { createQuotas } from '../../src/hunting/quota.ts';
import { createHunting } from '../../src/hunting/run.ts';
import { dropStageTables } from '../../src/hunting/stage-tables.ts';
import { createTenantTables } from '../../src/hunting/tables.ts';
import type { Caller } from '../../src/model/caller.ts';
import { systemClock } from '../../src/model/clock.ts';
import { NOBODYS_SESSION } from '../../src/model/query-session.ts';
import { requireBuilt } from '../built.ts';
import { startTestEngine, type TestEngine } from '../engine/harness.ts';
import { mmdb } from './mmdb.ts';

const TENANT = '5f0b7c1e-2a44-4c55-9b1d-7c0f3d5a9e22';
const CALLER: Caller = {
  tenant: TENANT,
  app: '00000000-0000-0000-0000-000000000001',
  user: undefined,
  roles: [],
  scopes: [],
  audience: '',
};

let engine: TestEngine;
let compiler: Compiler;
const folder = mkdtempSync(join(tmpdir(), 'spoor-stages-'));
const threads: Beside[] = [];

beforeAll(async () => {
  requireBuilt();
  engine = await startTestEngine();
  compiler = await startCompilePool({ threads: 1, timeoutMs: 20_000 });
  writeFileSync(join(folder, 'list.txt'), 'a\nb\n');
  writeFileSync(join(folder, 'wide.txt'), 'x\n'.repeat(200_000));
  writeFileSync(join(folder, 'map.json'), JSON.stringify({ 'https://x.test/': '.' }));
  writeFileSync(
    join(folder, 'places.mmdb'),
    mmdb([{ network: '8.8.8.0/24', record: { country: { names: { en: 'United States' } } } }]),
  );
});
afterAll(async () => {
  for (const beside of threads) await beside.close();
  await compiler?.close();
  await engine?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function room(options: { places?: boolean; requestTimeMs?: number } = {}) {
  const beside = createBeside(1, options.places === true ? join(folder, 'places.mmdb') : undefined);
  threads.push(beside);
  const limits = {
    profile: 'unlimited',
    callsPerMinute: undefined,
    runningMsPerHour: undefined,
    runningMsPerDay: undefined,
    cpuPercent: undefined,
    processors: 2,
    requestTimeMs: options.requestTimeMs ?? 60_000,
    maxResultBytes: undefined,
    maxRows: 1000,
  } as const;
  const parts = {
    database: engine.database,
    compiler,
    tables: createTenantTables({ database: engine.database, shared: true }),
    limits: async () => limits,
    quotas: createQuotas(systemClock),
    sessions: async () => NOBODYS_SESSION,
    lookbackDays: 30,
    requestTimeMs: limits.requestTimeMs,
    boolTypeName: 'SByte',
    clock: systemClock,
    spoolDirectory: folder,
    beside,
    external: createExternalFiles({ map: join(folder, 'map.json'), hosts: [], cacheFolder: folder }),
  } as const;
  const run = createHunting(parts);
  return {
    inspection: createInspection(parts),
    async rows(query: string) {
      const answer = await run({ caller: CALLER, query });
      const body = JSON.parse(await new Response(answer.body()).text()) as {
        Results: unknown[];
        Stats: { ExecutionTime: number };
      };
      await answer.dispose();
      return { rows: body.Results, stats: body.Stats, warnings: answer.warnings };
    },
  };
}

async function stageTables(): Promise<readonly string[]> {
  const found = await engine.database.rows<{ name: string }>(listStageTables());
  return found.map(({ name }) => name);
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => 'done',
    (error: { code?: unknown; diagnostic?: { code: string }; engineCode?: string }) =>
      error.diagnostic?.code ?? error.engineCode ?? error,
  );
}

const PIVOT = `datatable(k: string, n: long) ['a', 1, 'b', 2, 'a', 3] | evaluate pivot(k, sum(n))`;

describe('a hunt in stages', () => {
  it('answers, counts its statements, and leaves nothing behind', async () => {
    const { rows } = room();
    const answer = await rows(PIVOT);
    expect(answer.rows).toEqual([{ a: 4, b: 2 }]);
    expect(answer.stats.ExecutionTime).toBeGreaterThan(0);
    const files = await rows(`externaldata (s: string) ['https://x.test/list.txt'] | where s != 'a'`);
    expect(files.rows).toEqual([{ s: 'b' }]);
    await expect.poll(stageTables).toEqual([]);
  });

  it('is checked and explained the same way', async () => {
    const { inspection } = room();
    const request = { tenant: TENANT, query: PIVOT };
    expect(await inspection.check(request)).toMatchObject({
      ok: true,
      columns: [
        { name: 'a', type: 'long' },
        { name: 'b', type: 'long' },
      ],
    });
    expect(await inspection.explain({ ...request, stage: 'plan' })).toContain('take_anyif');
    expect(await stageTables()).toEqual([]);
  });

  it('refuses what no setting allows, and ends at its deadline', async () => {
    expect(await codeOf(room().rows(`externaldata (s: string) ['https://y.test/x']`))).toBe('SPOOR007');
    const late = room({ requestTimeMs: 1 });
    expect(await codeOf(late.rows(`externaldata (s: string) ['https://x.test/wide.txt'] | count`))).toBe(
      'QueryTimeout',
    );
    await expect.poll(stageTables).toEqual([]);
  });

  it('refuses to hand out more rows than a stage takes', async () => {
    const query = `range i from 1 to 1100000 step 1 | evaluate pivot(i)`;
    expect(await codeOf(room().rows(query))).toBe('QueryMemoryExceeded');
  });

  it('tells that a database of places is missing, and asks one that is there', async () => {
    const query = `print a = '8.8.8.8' | extend p = geo_info_from_ip_address(a) | project c = tostring(p.country)`;
    const without = await room().rows(query);
    expect(without.rows).toEqual([{ c: '' }]);
    expect(without.warnings.join()).toContain('SPOOR_GEO_DB');
    const known = await room({ places: true }).rows(query);
    expect(known).toMatchObject({ rows: [{ c: 'United States' }], warnings: [] });
  });

  it('drops at the start what an earlier server left', async () => {
    const database = tenantDatabase(TENANT);
    await room().rows('print 1');
    await engine.database.command(createStageTable(database, '_stage_abc_1', ['long']));
    await dropStageTables(engine.database, true);
    expect(await stageTables()).toEqual([]);
  });
});
