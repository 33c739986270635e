import { describe, expect, test } from 'vitest';
import { type Table, useKusto } from './kusto-calls.ts';

const kusto = useKusto();

describe('request properties', () => {
  test('set the time, the parameters and the number of records', async () => {
    expect(await kusto.rows('print now()', { query_now: '2020-01-02T03:04:05Z' })).toEqual([
      [['2020-01-02T03:04:05.0000000Z']],
    ]);
    expect(await kusto.rows('range i from 1 to 9 step 1', { query_take_max_records: 2 })).toEqual([
      [[1], [2]],
    ]);
    const parameters = { s: 'it is "text"', n: 7, t: 'datetime(2021-01-01)' };
    const declared =
      'declare query_parameters(s:string, n:long = 1, t:datetime = datetime(null)); print s, n, t';
    expect(await kusto.rows(declared, {}, { Parameters: parameters })).toEqual([
      [['it is "text"', 7, '2021-01-01T00:00:00.0000000Z']],
    ]);
    const [all] = await kusto.rows('range i from 1 to 500001 step 1', {
      notruncation: true,
      truncationmaxrecords: 2,
    });
    expect(all).toHaveLength(500_001);
  });

  test('narrow what is seen', async () => {
    const count = async (options: object) =>
      (await kusto.rows('DeviceProcessEvents | count', options))[0]?.[0]?.[0];
    expect(await count({})).toBeGreaterThan(0);
    expect(
      await count({ query_datetimescope_column: 'Timestamp', query_datetimescope_to: '2001-01-01' }),
    ).toBe(0);
    expect(await count({ query_datetimescope_from: '2001-01-01' })).toBe(await count({}));
  });

  test('turn failures in the middle off and on', async () => {
    const hidden = await kusto.v2('range i from 1 to 9 step 1', {
      truncationmaxrecords: 2,
      deferpartialqueryfailures: true,
    });
    expect(hidden.frames.at(-1)).toMatchObject({ HasErrors: false });
    const large = await kusto.v2('range i from 1 to 100000 step 1 | extend s = strrep("x", 100)', {
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
    const { status, text } = await kusto.v2('print 1', options);
    expect([status, JSON.parse(text).error.code]).toEqual([400, 'General_BadRequest']);
  });

  test('that nobody knows are passed over', async () => {
    expect(await kusto.rows('print 1', { request_readonly: true, __proto__: 1, x: {} })).toEqual([[[1]]]);
  });
});

describe('results', () => {
  test('of several statements are several tables, of version 1 too', async () => {
    expect(await kusto.rows('print a=1; print b="x"')).toEqual([[[1]], [['x']]]);
    const { text } = await kusto.spoor.call('/v1/rest/query', { db: '', csl: 'print a=1; print b=true' });
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
    const { frames } = await kusto.v2('range i from 1 to 20000 step 1', {
      results_progressive_enabled: true,
    });
    expect(frames[0]).toMatchObject({ IsProgressive: true, IsFragmented: true });
    expect(frames.map(({ FrameType }) => FrameType)).toContain('TableProgress');
  });

  test('come compressed to those who ask, as a stream', async () => {
    const ask = (encoding: string) =>
      kusto.spoor.call(
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
    const { status, text } = await kusto.v2('DeviceInfo\n| wher x == 1');
    expect(status).toBe(400);
    expect(JSON.parse(text).error.innererror).toMatchObject({ '@errorCode': 'SYN0002', '@line': 2 });
  });

  test('are asked for by GET as well', async () => {
    const { status, text } = await kusto.spoor.call('/v1/rest/query?db=hunting&csl=print%20x%3D1');
    expect([status, JSON.parse(text).Tables[0].Rows]).toEqual([200, [[1]]]);
  });

  test('carry the ids of the request', async () => {
    const { headers } = await kusto.spoor.call(
      '/v2/rest/query',
      { csl: 'print 1' },
      { 'x-ms-client-request-id': 'KPC.execute;1' },
    );
    expect(headers.get('x-ms-client-request-id')).toBe('KPC.execute;1');
    expect(headers.get('x-ms-activity-id')).toMatch(/^[0-9a-f-]{36}$/);
    const { headers: refused } = await kusto.spoor.call('/v2/rest/query', '{', {
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
      const { status, frames } = await kusto.v2(endless, chosen);
      expect(status).toBe(200);
      expect(frames.at(-1)).toMatchObject({
        HasErrors: true,
        OneApiErrors: [{ error: { code: 'Timeout' } }],
      });
    }
  });

  test('is an exception in version 1', async () => {
    const { status, text } = await kusto.spoor.call('/v1/rest/query', {
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
  expect((await kusto.v2(staged)).status).toBe(400);
  const one = 'print a=1 | evaluate narrow()';
  expect(
    (await kusto.rows(`${one}; range i from 1 to 9 step 1`, { truncationmaxrecords: 4 }))[0],
  ).toHaveLength(1);
  await kusto.spoor.call('/api/advancedqueries/schema', { Query: one });
  const left = await kusto.rows('print 1; print 2', { truncationmaxrecords: 1 });
  expect(left).toEqual([[[1]], [[2]]]);
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
    const { frames } = await kusto.v2(`${drawn} | sort by x asc | ${asked}; print 1`);
    const properties = frames.find(({ TableKind }) => TableKind === 'QueryProperties');
    const annotations = properties?.Rows.map(([id, key, value]) => [id, key, JSON.parse(String(value))]);
    expect(annotations).toEqual([
      [1, 'Visualization', expect.objectContaining(told)],
      [2, 'Visualization', expect.objectContaining(unset)],
    ]);
    expect(await kusto.rows(`${drawn} | ${asked}`)).toEqual(await kusto.rows(drawn));
  });

  test('annotates version 1, old spelling too', async () => {
    const { text } = await kusto.spoor.call('/v1/rest/query', {
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
      const { status, text } = await kusto.spoor.call('/api/advancedhunting/run', { Query });
      const { Schema, Results } = JSON.parse(text);
      return { status, Schema, Results };
    };
    expect(await answer(`${drawn} | ${asked}`)).toEqual(await answer(drawn));
    expect((await answer(`${drawn} | ${asked}`)).status).toBe(200);
  });
});
