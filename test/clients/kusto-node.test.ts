import { Client, ClientRequestProperties, KustoConnectionStringBuilder } from 'azure-kusto-data';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SignedIn, signedIn } from './signed-in.ts';

let spoor: SignedIn;
let client: Client;

beforeAll(async () => {
  spoor = await signedIn();
  // The resource that the client reads from the server's own metadata.
  const metadata = await fetch(`${spoor.server.url}/v1/rest/auth/metadata`);
  const { AzureAD } = (await metadata.json()) as { AzureAD: { KustoServiceResourceId: string } };
  client = new Client(
    KustoConnectionStringBuilder.withTokenProvider(spoor.server.url, () =>
      spoor.token(AzureAD.KustoServiceResourceId),
    ),
  );
});
afterAll(async () => {
  client?.close();
  await spoor?.stop();
});

const TYPES =
  'print b=true, i=int(1), l=long(9007199254740993), r=real(0.5), d=decimal(1.50), s="é\\u0000\\"", ' +
  't=1d+2h+1tick, dt=datetime(2021-03-01T01:02:03.4567891Z), g=guid(6f9619ff-8b86-d011-b42d-00cf4fc964ff), ' +
  'dy=dynamic({"a":[1,"x"]}), nl=long(null), nan=real(nan), inf=real(+inf)';

describe('azure-kusto-data for Node', () => {
  test('reads every type of version 2', async () => {
    const answer = await client.execute('hunting', TYPES);
    const table = answer.primaryResults[0];
    expect(table?.columns.map(({ name, type }) => `${name}:${type}`).join()).toBe(
      'b:bool,i:int,l:long,r:real,d:decimal,s:string,t:timespan,dt:datetime,g:guid,dy:dynamic,nl:long,nan:real,inf:real',
    );
    const [row] = [...(table?.rows() ?? [])].map((each) => each.toJSON());
    expect(row).toMatchObject({ b: true, i: 1, r: 0.5, d: '1.5', s: 'é\0"', dy: { a: [1, 'x'] }, nl: null });
    expect(row).toMatchObject({ g: '6f9619ff-8b86-d011-b42d-00cf4fc964ff', nan: 'NaN', inf: 'Infinity' });
    expect((row as { dt: Date }).dt.toISOString()).toBe('2021-03-01T01:02:03.456Z');
    // The client turns timespans into milliseconds.
    expect((row as { t: number }).t).toBeCloseTo(26 * 3_600_000 + 0.0001, 6);
  });

  test('reads version 1, and 100,000 rows', async () => {
    const answer = await client.executeQueryV1('hunting', TYPES);
    expect(answer.primaryResults).toHaveLength(1);
    const many = await client.execute(
      'hunting',
      'range i from 1 to 100000 step 1 | extend t = strcat("row ", i)',
    );
    expect(many.primaryResults[0]?._rows).toHaveLength(100_000);
  });

  test('reads hunting tables and the completion`s statistics', async () => {
    const answer = await client.execute('hunting', 'DeviceProcessEvents | summarize Events = count()');
    const [row] = [...(answer.primaryResults[0]?.rows() ?? [])].map((each) =>
      each.toJSON<{ Events: number }>(),
    );
    expect(row?.Events).toBeGreaterThan(0);
    const stats = [...(answer.statusTable?.rows() ?? [])].map((each) =>
      each.toJSON<{ Payload: string }>(),
    )[1];
    expect(JSON.parse(stats?.Payload ?? '').dataset_statistics).toEqual([
      { table_row_count: 1, table_size: expect.any(Number) },
    ]);
  });

  test.each(['.show databases', '.show tables', '.show version', '.show databases schema as json'])(
    'sends %s to the management path',
    async (command) => {
      const answer = await client.execute('hunting', command);
      expect(answer.primaryResults[0]?._rows.length).toBeGreaterThan(0);
    },
  );

  test('is told the place of an error', async () => {
    await expect(client.execute('hunting', 'DeviceInfo | where nosuch == 1')).rejects.toMatchObject({
      response: {
        status: 400,
        data: { error: { '@permanent': true, innererror: { '@errorCode': 'SEM0100' } } },
      },
    });
  });

  test('learns of a result that is too large, with the rows that it has', async () => {
    const properties = new ClientRequestProperties();
    properties.setOption('truncationmaxrecords', 5);
    await expect(client.execute('hunting', 'range i from 1 to 6 step 1', properties)).rejects.toThrow(
      /E_QUERY_RESULT_SET_TOO_LARGE/,
    );
    const whole = await client.execute('hunting', 'range i from 1 to 5 step 1', properties);
    expect(whole.primaryResults[0]?._rows).toHaveLength(5);
  });

  test('sends its time limit and its own id', async () => {
    const properties = new ClientRequestProperties();
    properties.setTimeout(1500);
    properties.clientRequestId = 'test;42';
    const slow = client.execute(
      'hunting',
      'range i from 1 to 100000000000 step 1 | summarize dcount(i * 7)',
      properties,
    );
    await expect(slow).rejects.toMatchObject({
      response: { status: 504, data: { error: { '@context': { clientRequestId: 'test;42' } } } },
    });
  });
});
