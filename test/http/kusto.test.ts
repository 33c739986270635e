import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HUNTING_ROLES, type SignedIn, signedIn } from '../clients/signed-in.ts';

let spoor: SignedIn;

beforeAll(async () => {
  spoor = await signedIn();
});
afterAll(() => spoor?.stop());

interface Table {
  readonly TableKind?: string;
  readonly FrameType?: string;
  readonly Columns: readonly { ColumnName: string; ColumnType: string }[];
  readonly Rows: readonly (readonly unknown[])[];
}

async function v2(csl: string, options: object = {}, more: object = {}) {
  const { status, text } = await spoor.call('/v2/rest/query', {
    db: 'hunting',
    csl,
    properties: { Options: options, ...more },
  });
  return { status, frames: JSON.parse(text) as Table[], text };
}

async function rows(csl: string, options: object = {}, more: object = {}) {
  const { frames, text } = await v2(csl, options, more);
  if (!Array.isArray(frames)) throw new Error(text);
  return frames.filter(({ TableKind }) => TableKind === 'PrimaryResult').map((table) => table.Rows);
}

async function command(csl: string) {
  const { status, text } = await spoor.call('/v1/rest/mgmt', { db: 'hunting', csl });
  const body = JSON.parse(text);
  return { status, body, table: body.Tables?.[0] as Table };
}

describe('request properties', () => {
  test('set the time, the parameters and the number of records', async () => {
    expect(await rows('print now()', { query_now: '2020-01-02T03:04:05Z' })).toEqual([
      [['2020-01-02T03:04:05.0000000Z']],
    ]);
    expect(await rows('range i from 1 to 9 step 1', { query_take_max_records: 2 })).toEqual([[[1], [2]]]);
    const parameters = { s: 'it is "text"', n: 7, t: 'datetime(2021-01-01)' };
    const declared =
      'declare query_parameters(s:string, n:long = 1, t:datetime = datetime(null)); print s, n, t';
    expect(await rows(declared, {}, { Parameters: parameters })).toEqual([
      [['it is "text"', 7, '2021-01-01T00:00:00.0000000Z']],
    ]);
    const [all] = await rows('range i from 1 to 500001 step 1', {
      notruncation: true,
      truncationmaxrecords: 2,
    });
    expect(all).toHaveLength(500_001);
  });

  test('narrow what is seen', async () => {
    const count = async (options: object) =>
      (await rows('DeviceProcessEvents | count', options))[0]?.[0]?.[0];
    expect(await count({})).toBeGreaterThan(0);
    expect(
      await count({ query_datetimescope_column: 'Timestamp', query_datetimescope_to: '2001-01-01' }),
    ).toBe(0);
    expect(await count({ query_datetimescope_from: '2001-01-01' })).toBe(await count({}));
  });

  test('turn failures in the middle off and on', async () => {
    const hidden = await v2('range i from 1 to 9 step 1', {
      truncationmaxrecords: 2,
      deferpartialqueryfailures: true,
    });
    expect(hidden.frames.at(-1)).toMatchObject({ HasErrors: false });
    const large = await v2('range i from 1 to 100000 step 1 | extend s = strrep("x", 100)', {
      truncationmaxsize: 100_000,
    });
    expect(large.frames.at(-1)).toMatchObject({
      HasErrors: true,
      OneApiErrors: [{ error: { code: 'LimitsExceeded' } }],
    });
  });

  test.each([
    { servertimeout: 'soon' },
    { servertimeout: '-00:01:00' },
    { servertimeout: '00:00:00' },
    { servertimeout: 5 },
    { truncationmaxrecords: 0 },
    { truncationmaxrecords: '1e3' },
    { truncationmaxsize: -1 },
    { notruncation: 'perhaps' },
    { query_now: 'now' },
    { query_now: 5 },
    { query_language: 'sql' },
    { query_datetimescope_column: 'x', query_datetimescope_to: '2001-01-01' },
  ])('without sense are refused: %j', async (options) => {
    const { status, text } = await v2('print 1', options);
    expect([status, JSON.parse(text).error.code]).toEqual([400, 'General_BadRequest']);
  });

  test('that nobody knows are passed over', async () => {
    expect(await rows('print 1', { request_readonly: true, __proto__: 1, x: {} })).toEqual([[[1]]]);
  });
});

describe('results', () => {
  test('of several statements are several tables, of version 1 too', async () => {
    expect(await rows('print a=1; print b="x"')).toEqual([[[1]], [['x']]]);
    const { text } = await spoor.call('/v1/rest/query', { db: '', csl: 'print a=1; print b=true' });
    const { Tables } = JSON.parse(text);
    expect(Tables.map((table: Table) => table.Rows[0]?.[0])).toMatchObject([
      1,
      1,
      expect.any(String),
      expect.any(String),
      0,
    ]);
    expect(Tables[4].Rows.map((row: unknown[]) => row[1])).toEqual([
      'QueryResult',
      'QueryResult',
      'QueryProperties',
      'QueryStatus',
    ]);
  });

  test('come progressively to those who ask', async () => {
    const { frames } = await v2('range i from 1 to 20000 step 1', { results_progressive_enabled: true });
    expect(frames[0]).toMatchObject({ IsProgressive: true, IsFragmented: true });
    expect(frames.map(({ FrameType }) => FrameType)).toContain('TableProgress');
  });

  test('come compressed to those who ask, as a stream', async () => {
    const ask = (encoding: string) =>
      spoor.call(
        '/v2/rest/query',
        { db: '', csl: 'range i from 1 to 20000 step 1' },
        { 'accept-encoding': encoding },
      );
    expect((await ask('identity')).headers.get('content-encoding')).toBeNull();
    const packed = await ask('gzip,deflate');
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(JSON.parse(packed.text)).toHaveLength(5);
  });

  test('of a failing query are an error with its place', async () => {
    const { status, text } = await v2('DeviceInfo\n| wher x == 1');
    expect(status).toBe(400);
    expect(JSON.parse(text).error.innererror).toMatchObject({ '@errorCode': 'SYN0002', '@line': 2 });
  });

  test('are asked for by GET as well', async () => {
    const { status, text } = await spoor.call('/v1/rest/query?db=hunting&csl=print%20x%3D1');
    expect([status, JSON.parse(text).Tables[0].Rows]).toEqual([200, [[1]]]);
  });

  test('carry the ids of the request', async () => {
    const { headers } = await spoor.call(
      '/v2/rest/query',
      { csl: 'print 1' },
      { 'x-ms-client-request-id': 'KPC.execute;1' },
    );
    expect(headers.get('x-ms-client-request-id')).toBe('KPC.execute;1');
    expect(headers.get('x-ms-activity-id')).toMatch(/^[0-9a-f-]{36}$/);
    const { headers: refused } = await spoor.call('/v2/rest/query', '{', {
      'x-ms-client-request-id': 'x'.repeat(5000),
    });
    expect(refused.get('x-ms-client-request-id')).toBe(refused.get('x-ms-activity-id'));
  });
});

describe('a failure in the middle', () => {
  const endless = 'range i from 1 to 100000000000 step 1 | extend s = strrep("x", 200)';
  const options = { notruncation: true, servertimeout: '00:00:02' };

  test('is told where the rows end, and the answer is whole', async () => {
    const fragmented = {
      ...options,
      results_v2_fragment_primary_tables: true,
      results_error_reporting_placement: 'end_of_table',
    };
    for (const chosen of [options, fragmented]) {
      const { status, frames } = await v2(endless, chosen);
      expect(status).toBe(200);
      expect(frames.at(-1)).toMatchObject({
        HasErrors: true,
        OneApiErrors: [{ error: { code: 'Timeout' } }],
      });
    }
  });

  test('is an exception in version 1', async () => {
    const { status, text } = await spoor.call('/v1/rest/query', {
      csl: endless,
      properties: { Options: options },
    });
    const { Tables, Exceptions } = JSON.parse(text);
    expect([status, Exceptions.length, Tables.length]).toEqual([200, 1, 4]);
    expect(Tables[2].Rows[0].slice(1, 3)).toEqual([2, 'Error']);
  });
});

test('a result that fails or is never read harms no later one', async () => {
  const staged = 'externaldata(x:long)[@"https://nowhere.invalid/x.csv"] | count';
  expect((await v2(staged)).status).toBe(400);
  const one = 'print a=1 | evaluate narrow()';
  expect((await rows(`${one}; range i from 1 to 9 step 1`, { truncationmaxrecords: 4 }))[0]).toHaveLength(1);
  await spoor.call('/api/advancedqueries/schema', { Query: one });
  const left = await rows('print 1; print 2', { truncationmaxrecords: 1 });
  expect(left).toEqual([[[1]], [[2]]]);
});

describe('commands', () => {
  test.each([
    ['.show databases', 'DatabaseName'],
    ['.show tables', 'TableName'],
    ['.show table DeviceInfo', 'TableName'],
    ['.show tables (DeviceInfo, ["AlertInfo"])', 'TableName'],
    ["  .Show Database ['Hunting'] Schema", 'DatabaseName'],
    ['.show schema', 'DatabaseName'],
    ['.show schema as json', 'DatabaseSchema'],
    ['.show database hunting schema as json', 'DatabaseSchema'],
    ['.show table DeviceInfo schema as json', 'TableName'],
    ['.show table DeviceInfo cslschema', 'TableName'],
    ['.show databases entities', 'DatabaseName'],
    ['.show version', 'BuildVersion'],
    ['.show cluster', 'NodeId'],
    ['.show functions', 'Name'],
    ['.show materialized-views', 'Name'],
  ])('%s', async (csl, first) => {
    const { status, table } = await command(csl);
    expect([status, table.Columns[0]?.ColumnName]).toEqual([200, first]);
    for (const row of table.Rows) expect(row).toHaveLength(table.Columns.length);
  });

  test('show saved functions, and so does Graph', async () => {
    const key = readFileSync(join(spoor.server.data, 'cli.key'), 'utf8').trim();
    const saved = await fetch(`${spoor.server.url}/spoor/admin/functions/Doubled`, {
      method: 'PUT',
      headers: { authorization: `SpoorKey ${key}` },
      body: JSON.stringify({ parameters: '(n:long=4)', body: 'print twice = n * 2', folder: 'Sums' }),
    });
    expect(saved.status).toBe(200);
    const { table } = await command('.show functions | where Folder == "Sums" | project Name, Parameters');
    expect(table.Rows).toEqual([['Doubled', '(n:long=4)']]);
    expect((await command('.show function Doubled')).table.Rows[0]?.[2]).toContain('n * 2');
    expect((await command('.show function Tripled')).status).toBe(400);
    const { table: json } = await command('.show database hunting schema as json');
    expect(JSON.parse(String(json.Rows[0]?.[0])).Databases.hunting.Functions.Doubled).toMatchObject({
      InputParameters: [{ Name: 'n', CslType: 'long', CslDefaultValue: '4' }],
    });
    const { text } = await spoor.call('/beta/security/getHuntingSchema');
    const { functions } = JSON.parse(text);
    expect(functions.builtInFunctions.map(({ name }: { name: string }) => name)).toContain('FileProfile');
    expect(functions.savedFunctions).toMatchObject([
      { name: 'Doubled', path: 'Sums', inputParameters: [{ name: 'n', cslType: 'long', defaultValue: '4' }] },
    ]);
    expect(await rows('Doubled(21)')).toEqual([[[42]]]);
  });

  test('take query operators behind them', async () => {
    const { table } = await command(
      '.show tables | where TableName startswith "DeviceP" | project TableName | count',
    );
    expect(table.Rows[0]?.[0]).toBeGreaterThan(0);
    const { table: all } = await command('.show databases | project DatabaseName, IsCurrent, InTransitionTo');
    expect(all.Rows).toEqual([['hunting', 1, '']]);
  });

  test.each([
    '.drop table DeviceInfo',
    '.show queries',
    '.set-or-append T <| print 1',
    '.show table Nosuch cslschema',
    '.show database other schema',
    ".show databases (['hunting'], ['other']) schema as json",
    '.show',
    '.',
    '.show tables (',
    `.show ${'x '.repeat(100_000)}`,
  ])('%.40s is a coded error', async (csl) => {
    const { status, body } = await command(csl);
    expect([status, body.error.code, body.error['@permanent']]).toEqual([400, 'General_BadRequest', true]);
  });
});

describe('hostile requests', () => {
  test.each([
    '',
    '{',
    '[]',
    'null',
    '{"csl":1}',
    '{"csl":"  "}',
    '{"db":{},"csl":"print 1"}',
    '{"db":"other","csl":"print 1"}',
    '{"db":"`; DROP","csl":"print 1"}',
    '{"csl":"print 1","properties":"{"}',
    '{"csl":"print 1","properties":[1]}',
    '{"csl":"print 1","properties":{"Options":"x"}}',
    '{"csl":"print 1","properties":{"Parameters":{"a b":"1"}}}',
    '{"csl":"print 1","properties":{"Parameters":{"a":{"b":1}}}}',
    '{"csl":"declare query_parameters(n:long); print n","properties":{"Parameters":{"n":"1) | x"}}}',
    `{"csl":"print 1","properties":${'['.repeat(20_000)}`,
    `{"csl":${JSON.stringify(`print ${'('.repeat(200)}1`)}}`,
  ])('%.80s', async (body) => {
    for (const path of ['/v1/rest/query', '/v2/rest/query']) {
      const { status, text } = await spoor.call(path, body);
      expect(status).toBe(400);
      const { error } = JSON.parse(text);
      expect(Object.keys(error)).toEqual(
        expect.arrayContaining(['code', 'message', '@type', '@message', '@context']),
      );
      expect(text).not.toMatch(/SELECT|node_modules|\/src\//);
    }
  });

  test('10 MB are refused by name', async () => {
    const { status, text } = await spoor.call('/v2/rest/query', ' '.repeat(10_000_000));
    expect([status, JSON.parse(text).error.code]).toEqual([413, 'RequestEntityTooLarge']);
  });

  test('a client that leaves in the middle frees its slot', async () => {
    for (let i = 0; i < 6; i++) {
      const controller = new AbortController();
      const answer = await fetch(`${spoor.server.url}/v2/rest/query`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await spoor.token()}` },
        body: JSON.stringify({
          csl: 'range i from 1 to 50000000 step 1 | extend s = strrep("x", 50)',
          properties: { Options: { notruncation: true } },
        }),
        signal: controller.signal,
      });
      const reader = answer.body?.getReader();
      await reader?.read();
      controller.abort();
      await reader?.read().catch(() => undefined);
    }
    expect(await rows('print 1')).toEqual([[[1]]]);
  });
});

describe('quotas', () => {
  test('hold for all APIs together, survive a restart, and count what was measured', async () => {
    const strict = await signedIn({ SPOOR_QUOTAS: '2020-12', SPOOR_QUOTA_CALLS: '4' }, HUNTING_ROLES);
    try {
      const run = await strict.call('/api/advancedhunting/run', {
        Query: 'range i from 1 to 3000000 step 1 | summarize dcount(i)',
      });
      const seconds = JSON.parse(run.text).Stats.ExecutionTime as number;
      const standing = JSON.parse((await strict.call('/spoor/quota')).text);
      expect(standing).toMatchObject({
        profile: '2020-12',
        limits: { callsPerMinute: { allowed: 4, used: 1 } },
      });
      const used = standing.limits.runningTimePerHour.used as number;
      expect(used).toBeGreaterThan(0);
      expect(used).toBeLessThanOrEqual(seconds);
      await strict.call('/api/advancedqueries/run', { Query: 'print 1' });
      await strict.call('/v1.0/security/runHuntingQuery', { Query: 'print 1' });
      await strict.call('/v2/rest/query', { csl: 'print 1' });
      for (const [path, code] of [
        ['/api/advancedhunting/run', 'TooManyRequests'],
        ['/api/advancedqueries/run', 'TooManyRequests'],
        ['/v1.0/security/runHuntingQuery', 'TooManyRequests'],
        ['/v2/rest/query', 'TooManyRequests'],
      ] as const) {
        const { status, headers, text } = await strict.call(path, { Query: 'print 1', csl: 'print 1' });
        expect([status, JSON.parse(text).error.code]).toEqual([429, code]);
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
        expect(text).toContain('Maximum allowed 4 per 00:01:00');
      }
      await strict.server.stop();
      const { startTestServer } = await import('../server.ts');
      const again = await startTestServer([], { SPOOR_QUOTA_CALLS: '4' }, strict.server.data);
      try {
        const key = readFileSync(join(again.data, 'cli.key'), 'utf8').trim();
        const refused = await fetch(`${again.url}/spoor/admin/query`, {
          method: 'POST',
          headers: { authorization: `SpoorKey ${key}` },
          body: '{"Query":"print 1"}',
        });
        expect(refused.status).toBe(429);
      } finally {
        await again.stop();
      }
    } finally {
      await strict.stop();
    }
  });
});

describe('render', () => {
  const drawn = 'range x from 1 to 2 step 1 | extend y = x * 2, s = "a"';
  const asked =
    'render timechart with (title="Two points", xcolumn=x, ycolumns=y, series=s, kind=stacked, ymin=0.5, accumulate=true)';
  const unset = {
    Visualization: null,
    Title: null,
    XColumn: null,
    Series: null,
    YColumns: null,
    Accumulate: false,
    IsQuerySorted: false,
    Kind: null,
    Ymin: 'NaN',
    Ymax: 'NaN',
  };
  const told = {
    Visualization: 'timechart',
    Title: 'Two points',
    XColumn: 'x',
    YColumns: ['y'],
    Series: ['s'],
    Kind: 'stacked',
    Ymin: 0.5,
    Accumulate: true,
    IsQuerySorted: true,
  };

  test('annotates each table of version 2', async () => {
    const { frames } = await v2(`${drawn} | sort by x asc | ${asked}; print 1`);
    const properties = frames.find(({ TableKind }) => TableKind === 'QueryProperties');
    const annotations = properties?.Rows.map(([id, key, value]) => [id, key, JSON.parse(String(value))]);
    expect(annotations).toEqual([
      [1, 'Visualization', expect.objectContaining(told)],
      [2, 'Visualization', expect.objectContaining(unset)],
    ]);
    expect(await rows(`${drawn} | ${asked}`)).toEqual(await rows(drawn));
  });

  test('annotates version 1, old spelling too', async () => {
    const { text } = await spoor.call('/v1/rest/query', {
      db: 'hunting',
      csl: `${drawn} | render columnchart kind=unstacked by s`,
    });
    const tables = JSON.parse(text).Tables as Table[];
    expect(JSON.parse(String(tables[1]?.Rows[0]?.[0]))).toMatchObject({
      Visualization: 'columnchart',
      Kind: 'unstacked',
      Series: ['s'],
      IsQuerySorted: false,
    });
  });

  test('changes nothing in the hunting APIs', async () => {
    const answer = async (Query: string) => {
      const { status, text } = await spoor.call('/api/advancedhunting/run', { Query });
      const { Schema, Results } = JSON.parse(text);
      return { status, Schema, Results };
    };
    expect(await answer(`${drawn} | ${asked}`)).toEqual(await answer(drawn));
    expect((await answer(`${drawn} | ${asked}`)).status).toBe(200);
  });
});
