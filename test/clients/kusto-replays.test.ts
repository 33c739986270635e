import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAsGo } from './go-frames.ts';
import { type SignedIn, signedIn } from './signed-in.ts';

let spoor: SignedIn;

beforeAll(async () => {
  spoor = await signedIn();
});
afterAll(() => spoor?.stop());

/** What azure-kusto-go sends with every query. */
const GO_OPTIONS = {
  results_v2_newlines_between_frames: true,
  results_v2_fragment_primary_tables: true,
  results_error_reporting_placement: 'end_of_table',
};

function go(csl: string, options: object = {}) {
  return spoor.call(
    '/v2/rest/query',
    {
      db: 'hunting',
      csl,
      properties: {
        Options: { ...GO_OPTIONS, ...options },
        Parameters: null,
        ClientRequestId: 'KGC.execute;1',
      },
    },
    { 'content-type': 'application/json; charset=utf-8', 'accept-encoding': 'gzip, deflate' },
  );
}

describe('azure-kusto-go', () => {
  test('reads a fragmented answer, however long', async () => {
    const { status, text } = await go('range i from 1 to 60000 step 1 | extend s = strcat("value ", i)');
    expect(status).toBe(200);
    const frames = readAsGo(text);
    const fragments = frames.filter(({ FrameType }) => FrameType === 'TableFragment');
    expect(fragments.length).toBeGreaterThan(1);
    const rows = fragments.flatMap((frame) => frame['Rows'] as [number, string][]);
    expect(rows).toHaveLength(60_000);
    expect(rows.at(-1)).toEqual([60_000, 'value 60000']);
    expect(frames.find(({ FrameType }) => FrameType === 'TableCompletion')?.['RowCount']).toBe(60_000);
  });

  test('reads an empty answer, and failures at the end of their table', async () => {
    readAsGo((await go('range i from 1 to 0 step 1')).text);
    const { text } = await go('range i from 1 to 10 step 1', { truncationmaxrecords: 4 });
    const frames = readAsGo(text);
    expect(frames.find(({ FrameType }) => FrameType === 'TableCompletion')).toMatchObject({
      RowCount: 4,
      OneApiErrors: [{ error: { code: 'LimitsExceeded' } }],
    });
    expect(frames.at(-1)).toMatchObject({ HasErrors: true, OneApiErrors: [{}] });
  });

  test('reads management commands by its version 1 reader', async () => {
    const { text } = await spoor.call('/v1/rest/mgmt', { db: '', csl: '.show databases' });
    const { Tables } = JSON.parse(text);
    expect(Tables).toHaveLength(1);
    expect(Tables[0].Rows[0][0]).toBe('hunting');
  });
});

describe('azure-kusto-python', () => {
  test('sends its properties as JSON text, and reads tables of the kinds that it knows', async () => {
    const { status, text } = await spoor.call(
      '/v2/rest/query',
      {
        db: 'hunting',
        csl: 'DeviceInfo | take 1',
        properties: JSON.stringify({ Options: { servertimeout: '0:04:30' }, Parameters: {} }),
      },
      {
        Accept: 'application/json',
        'Accept-Encoding': 'gzip,deflate',
        'Content-Type': 'application/json; charset=utf-8',
        'x-ms-client-version': 'Kusto.Python.Client:4.1.1',
        'x-ms-client-request-id': 'KPC.execute;0b3f2f0e-7c0c-4a8c-9f2b-6f7b8d0f1c2d',
        'x-ms-version': '2019-02-13',
      },
    );
    expect(status).toBe(200);
    const frames = JSON.parse(text) as { FrameType: string; TableKind?: string }[];
    expect(frames.map(({ FrameType, TableKind }) => TableKind ?? FrameType)).toEqual([
      'DataSetHeader',
      'QueryProperties',
      'PrimaryResult',
      'QueryCompletionInformation',
      'DataSetCompletion',
    ]);
    // Its streaming reader takes the rows as they come: they stand last.
    for (const frame of frames.filter(({ FrameType }) => FrameType === 'DataTable')) {
      expect(Object.keys(frame).at(-1)).toBe('Rows');
    }
    expect(text).toContain('KPC.execute;0b3f2f0e-7c0c-4a8c-9f2b-6f7b8d0f1c2d');
  });

  test('reads all six members of the metadata, without a token', async () => {
    const answer = await fetch(`${spoor.server.url}//v1/rest/auth/metadata`);
    expect(answer.status).toBe(200);
    const { AzureAD } = (await answer.json()) as { AzureAD: Record<string, unknown> };
    expect(AzureAD).toMatchObject({ LoginEndpoint: spoor.server.url, LoginMfaRequired: false });
    expect(Object.keys(AzureAD)).toEqual([
      'LoginEndpoint',
      'LoginMfaRequired',
      'KustoClientAppId',
      'KustoClientRedirectUri',
      'KustoServiceResourceId',
      'FirstPartyAuthorityUrl',
    ]);
  });
});

describe('Grafana`s data source', () => {
  const grafana = (path: string, csl: string) =>
    spoor.call(
      path,
      { db: 'hunting', csl, properties: { options: { servertimeout: '00:00:30' } } },
      { 'content-type': 'application/json', 'x-ms-app': 'Grafana-ADX' },
    );

  test('checks its health by a command on the query path', async () => {
    const { status, text } = await grafana('/v1/rest/query', '.show databases schema');
    expect(status).toBe(200);
    const [table, ...others] = JSON.parse(text).Tables;
    expect(others).toEqual([]);
    expect(table.Rows.length).toBeGreaterThan(100);
  });

  test.each(['.show databases schema as json', ".show databases (['hunting']) schema as json"])(
    'browses by %s',
    async (command) => {
      const [table] = JSON.parse((await grafana('/v1/rest/mgmt', command)).text).Tables;
      expect(table.Columns).toEqual([
        { ColumnName: 'DatabaseSchema', DataType: 'String', ColumnType: 'string' },
      ]);
      const { Databases } = JSON.parse(table.Rows[0][0]);
      expect(Databases.hunting.Tables.DeviceInfo.OrderedColumns[0]).toMatchObject({
        Name: 'Timestamp',
        Type: 'System.DateTime',
        CslType: 'datetime',
      });
    },
  );

  test('draws a query of version 1', async () => {
    const query = 'DeviceProcessEvents | summarize count() by bin(Timestamp, 1h) | order by Timestamp asc';
    const { Tables } = JSON.parse((await grafana('/v1/rest/query', query)).text);
    expect(Tables.map(({ TableName }: { TableName: string }) => TableName)).toEqual([
      'Table_0',
      'Table_1',
      'Table_2',
      'Table_3',
    ]);
    expect(Tables[0].Columns.map(({ ColumnType }: { ColumnType: string }) => ColumnType)).toEqual([
      'datetime',
      'long',
    ]);
    expect(Tables[0].Rows[0][0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:00:00\.0000000Z$/);
    expect(Tables[3].Rows.map((row: unknown[]) => row[1])).toEqual([
      'QueryResult',
      'QueryProperties',
      'QueryStatus',
    ]);
  });

  test('shows what went wrong in the middle', async () => {
    const { text } = await spoor.call('/v1/rest/query', {
      db: 'hunting',
      csl: 'range i from 1 to 10 step 1',
      properties: { Options: { truncationmaxrecords: 3 } },
    });
    const { Tables, Exceptions } = JSON.parse(text);
    expect(Tables[0].Rows).toEqual([[1], [2], [3]]);
    expect(Exceptions[0]).toContain('E_QUERY_RESULT_SET_TOO_LARGE');
  });
});
