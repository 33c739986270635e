import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBeside } from '../../src/hunting/beside/pool.ts';
import { type Compiler, startCompilePool } from '../../src/hunting/compile-pool.ts';
import { noExternalFiles } from '../../src/hunting/external/files.ts';
import type { HuntLimits } from '../../src/hunting/limits.ts';
import { createQuotas, type Quotas } from '../../src/hunting/quota.ts';
import { createHunting, type HuntAnswer } from '../../src/hunting/run.ts';
import { createTenantTables } from '../../src/hunting/tables.ts';
import type { Caller } from '../../src/model/caller.ts';
import { systemClock } from '../../src/model/clock.ts';
import { NOBODYS_SESSION } from '../../src/model/query-session.ts';
import { RequestError } from '../../src/model/request-error.ts';
import { requireBuilt } from '../built.ts';
import { startTestEngine, type TestEngine } from '../engine/harness.ts';

const CALLER: Caller = {
  tenant: '5f0b7c1e-2a44-4c55-9b1d-7c0f3d5a9e21',
  app: '00000000-0000-0000-0000-000000000001',
  user: undefined,
  roles: ['AdvancedHunting.Read.All'],
  scopes: [],
  audience: 'https://api.security.microsoft.com',
};
const LIMITS: HuntLimits = {
  profile: 'unlimited',
  callsPerMinute: undefined,
  runningMsPerHour: undefined,
  runningMsPerDay: undefined,
  cpuPercent: undefined,
  processors: 2,
  requestTimeMs: 60_000,
  maxResultBytes: 50_000_000,
  maxRows: 100_000,
};
/** 100,000 rows of 30 columns, some 45 MB of JSON. */
const WIDE = `range i from 1 to 100000 step 1 | extend ${Array.from(
  { length: 29 },
  (_, n) => `c${n} = i * ${n + 1}`,
).join(', ')}`;

let engine: TestEngine;
let compiler: Compiler;
const beside = createBeside(1);
let spoolDirectory: string | undefined;

beforeAll(async () => {
  requireBuilt();
  engine = await startTestEngine();
  compiler = await startCompilePool({ threads: 2, timeoutMs: 4_000 });
});
afterAll(async () => {
  await beside.close();
  await compiler?.close();
  await engine?.stop();
  if (spoolDirectory !== undefined) rmSync(spoolDirectory, { recursive: true, force: true });
});

function spoolFolder(): string {
  spoolDirectory ??= mkdtempSync(join(tmpdir(), 'spoor-hunting-'));
  return spoolDirectory;
}

function hunter(changed: Partial<HuntLimits> = {}, quotas?: Quotas) {
  const limits = { ...LIMITS, ...changed };
  const run = createHunting({
    database: engine.database,
    compiler,
    tables: createTenantTables({ database: engine.database, shared: true }),
    limits: async () => limits,
    quotas: quotas ?? createQuotas(systemClock),
    sessions: async () => NOBODYS_SESSION,
    lookbackDays: 30,
    boolTypeName: 'SByte',
    clock: systemClock,
    spoolDirectory: spoolFolder(),
    beside,
    external: noExternalFiles(),
  });
  return (query: string, signal?: AbortSignal): Promise<HuntAnswer> =>
    run({ caller: CALLER, query, ...(signal === undefined ? {} : { signal }) });
}

async function bodyOf(answer: HuntAnswer): Promise<string> {
  const body = await new Response(answer.body()).text();
  expect(Buffer.byteLength(body)).toBe(answer.contentLength);
  await answer.dispose();
  return body;
}

async function refusalOf(hunt: Promise<HuntAnswer>): Promise<RequestError> {
  const error = await hunt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof RequestError) return error;
  throw new Error('the query was not refused', { cause: error });
}

describe('an answer', () => {
  it('has the members of the documented example in their order, and every type in its form', async () => {
    const answer = await hunter()(
      `print d = datetime(2021-03-01T00:00:00Z), s = 'x"]', i = int(1), l = 9007199254740993, r = 0.5, b = true,
        dy = dynamic({'a':[1,2]}), g = guid(6f9619ff-8b86-d011-b42d-00cf4fc964ff), t = 1d + 2h, de = decimal(1.10),
        n = real(nan), inf = real(+inf), nl = long(null), ns = tostring(int(null))`,
    );
    expect(answer.truncated).toBe(false);
    const body = await bodyOf(answer);
    expect(body).toContain(
      '"Results":[{"d":"2021-03-01T00:00:00.0000000Z","s":"x\\"]","i":1,"l":9007199254740993,"r":0.5,"b":true,' +
        '"dy":{"a":[1,2]},"g":"6f9619ff-8b86-d011-b42d-00cf4fc964ff","t":"1.02:00:00","de":"1.1",' +
        '"n":"NaN","inf":"Infinity","nl":null,"ns":""}]}',
    );
    const { Stats, Schema } = JSON.parse(body);
    expect(Schema.map(({ Type }: { Type: string }) => Type).slice(0, 10)).toEqual([
      'DateTime',
      'String',
      'Int32',
      'Int64',
      'Double',
      'SByte',
      'Object',
      'Guid',
      'TimeSpan',
      'Decimal',
    ]);
    expect(Object.keys(Stats)).toEqual(['ExecutionTime', 'resource_usage', 'dataset_statistics']);
    expect(Object.keys(Stats.resource_usage)).toEqual(['cache', 'cpu', 'memory']);
    expect(Object.keys(Stats.resource_usage.cache.disk)).toEqual(['hits', 'misses', 'total']);
    expect(Object.keys(Stats.resource_usage.cpu)).toEqual(['user', 'kernel', 'total cpu']);
    expect(Stats.resource_usage.cpu.user).toMatch(/^\d\d:\d\d:\d\d(\.\d{7})?$/);
    expect(Stats.ExecutionTime).toBeGreaterThan(0);
    expect(Stats.dataset_statistics[0].table_row_count).toBe(1);
  });

  it('keeps the order of a sort', async () => {
    const answer = await hunter()('range i from 1 to 5000 step 1 | sort by i desc');
    const { Results } = JSON.parse(await bodyOf(answer)) as { Results: { i: number }[] };
    expect(Results.map(({ i }) => i)).toEqual(Array.from({ length: 5000 }, (_, n) => 5000 - n));
  });

  it('is cut at the row cap, and says so', async () => {
    const answer = await hunter({ maxRows: 10 })('range i from 1 to 11 step 1');
    expect(answer.truncated).toBe(true);
    expect(JSON.parse(await bodyOf(answer)).Results).toHaveLength(10);
    const whole = await hunter({ maxRows: 11 })('range i from 1 to 11 step 1');
    expect(whole.truncated).toBe(false);
    expect(JSON.parse(await bodyOf(whole)).Results).toHaveLength(11);
  });

  it('of 100,000 rows and 30 columns comes whole and leaves no file', async () => {
    const answer = await hunter()(WIDE);
    let bytes = 0;
    for await (const piece of answer.body()) bytes += (piece as Buffer).length;
    await answer.dispose();
    expect(bytes).toBe(answer.contentLength);
    expect(bytes).toBeGreaterThan(20_000_000);
    expect(readdirSync(spoolFolder())).toEqual([]);
  });
});

describe('a refusal', () => {
  // Clients match on these texts, so they are asserted.
  it.each([
    [
      'EmailEvts | where Timestamp > ago(1h)',
      "'where' operator: Failed to resolve table or column expression named 'EmailEvts'. Fix semantic errors in your query.",
    ],
    [
      'DeviceInfo | project Nme',
      "'project' operator: Failed to resolve scalar expression named 'Nme'. Fix semantic errors in your query.",
    ],
    [
      "DeviceInfo | wher DeviceName == 'x'",
      'A recognition error occurred.. Fix syntax errors in your query.',
    ],
  ])('of %s has the text of the service', async (query, message) => {
    const error = await refusalOf(hunter()(query));
    expect([error.code, error.status, error.message]).toEqual(['BadRequest', 400, message]);
  });

  it('comes for no query', async () => {
    expect((await refusalOf(hunter()('  '))).code).toBe('InvalidRequestBody');
  });

  it('comes for a result over the size limit', async () => {
    const error = await refusalOf(hunter({ maxResultBytes: 100_000 })(WIDE));
    expect([error.code, error.status], error.detail ?? '').toEqual(['BadRequest', 400]);
    expect(error.message).toContain('exceeded the allowed result size');
  });

  it('comes when the time is over, and the next query has its own rows', async () => {
    const slow = 'range i from 1 to 100000000000 step 1 | summarize dcount(i * 7)';
    const error = await refusalOf(hunter({ requestTimeMs: 500 })(slow));
    expect([error.code, error.status], error.detail ?? '').toEqual(['BadRequest', 400]);
    expect(error.message).toBe('Query exceeded the timeout period.');
    expect(await bodyOf(await hunter()('print x = 41 + 1'))).toContain('"Results":[{"x":42}]');
  });

  it('comes when the caller goes away', async () => {
    const gone = new AbortController();
    const hunt = refusalOf(
      hunter()('range i from 1 to 100000000000 step 1 | summarize dcount(i)', gone.signal),
    );
    setTimeout(() => gone.abort(), 300);
    const error = await hunt;
    expect(error.code, `${error.message} ${error.detail ?? ''}`).toBe('QueryCancelled');
  });

  it('comes for a query that cannot be compiled in its time, and the next one compiles', async () => {
    const impatient = await startCompilePool({ threads: 1, timeoutMs: 1 });
    try {
      const options = {
        nowTicks: 0n,
        database: 'tenant_x',
        existing: new Set<string>(),
      };
      const heavy = `print x = ${'('.repeat(50)}1${')'.repeat(50)}${' + 1'.repeat(2000)}`;
      const error = await impatient.compile(heavy, options).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(RequestError);
    } finally {
      await impatient.close();
    }
    expect(await bodyOf(await hunter()('print x = 1'))).toContain('"Results":[{"x":1}]');
  });

  it.each([
    ['nested', `print x = ${'('.repeat(100_000)}1${')'.repeat(100_000)}`],
    ['long', `print x = 1${' + 1'.repeat(200_000)}`],
  ])('comes for a query that is too %s, and the next one compiles', async (_kind, query) => {
    const error = await refusalOf(hunter()(query));
    expect([error.code, error.status], error.detail ?? '').toEqual(['BadRequest', 400]);
    expect(await bodyOf(await hunter()('print x = 1'))).toContain('"Results":[{"x":1}]');
  });
});
