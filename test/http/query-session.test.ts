import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HUNTING_ROLES, type SignedIn, signedIn } from '../clients/signed-in.ts';

const ENV = { SPOOR_QUOTAS: 'unlimited' };
let spoor: SignedIn;

beforeAll(async () => {
  spoor = await signedIn(ENV, [...HUNTING_ROLES, 'Events.Write.All']);
});
afterAll(() => spoor?.stop());

type Row = Readonly<Record<string, unknown>>;

async function hunt(query: string, headers: Readonly<Record<string, string>> = {}): Promise<readonly Row[]> {
  const { status, text } = await spoor.call('/api/advancedhunting/run', { Query: query }, headers);
  if (status !== 200) throw new Error(text);
  return (JSON.parse(text) as { Results: readonly Row[] }).Results;
}

/** A token of another application of the same tenant. */
async function otherApplication(name: string): Promise<{ clientId: string; bearer: string }> {
  const key = readFileSync(join(spoor.server.data, 'cli.key'), 'utf8').trim();
  const made = await fetch(`${spoor.server.url}/spoor/admin/apps`, {
    method: 'POST',
    headers: { authorization: `SpoorKey ${key}` },
    body: JSON.stringify({ name, roles: HUNTING_ROLES }),
  });
  const { clientId, clientSecret } = (await made.json()) as { clientId: string; clientSecret: string };
  const granted = await fetch(`${spoor.server.url}/${spoor.server.tenant}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      resource: spoor.server.url,
    }),
  });
  const { access_token } = (await granted.json()) as { access_token: string };
  return { clientId, bearer: `Bearer ${access_token}` };
}

describe('who asks', () => {
  test('is told to each caller, never another one', async () => {
    const other = await otherApplication('another client');
    const query = 'print Name = current_principal(), Details = current_principal_details()';
    const named = (id: string) => `aadapp=${id};${spoor.server.tenant}`;
    const asked = Array.from({ length: 6 }, (_, i) =>
      i % 2 === 0 ? hunt(query) : hunt(query, { authorization: other.bearer }),
    );
    const answers = (await Promise.all(asked)).map(([row]) => row);
    expect(answers.map((row) => row?.['Name'])).toEqual(
      answers.map((_, i) => named(i % 2 === 0 ? spoor.clientId : other.clientId)),
    );
    expect(answers.map((row) => row?.['Details'])).toEqual(
      answers.map((_, i) =>
        expect.objectContaining({
          Type: 'AadApplication',
          DisplayName: i % 2 === 0 ? 'client' : 'another client',
          Authority: spoor.server.tenant,
        }),
      ),
    );
  });

  test('is one of the principals named, or none', async () => {
    const member = (name: string) => `current_principal_is_member_of('${name}')`;
    const [row] = await hunt(
      `print Own = ${member(`aadapp=${spoor.clientId};${spoor.server.tenant}`)},
             Elsewhere = ${member(`aadapp=${spoor.clientId};${spoor.clientId}`)},
             User = ${member(`aaduser=${spoor.clientId}`)},
             Group = ${member('aadgroup=everyone@example.com')}`,
    );
    expect(Object.values(row ?? {}).map(Boolean)).toEqual([true, false, false, false]);
  });
});

describe('where a query runs', () => {
  test('is named, and its own names lead back to it', async () => {
    const host = new URL(spoor.server.url).host;
    expect(await hunt('print Host = current_cluster_endpoint(), Database = current_database()')).toEqual([
      { Host: host, Database: 'hunting' },
    ]);
    const own = await hunt('DeviceInfo | count');
    for (const place of [host, `${spoor.server.url}/`, 'localhost', 'LOCALHOST']) {
      expect(await hunt(`cluster('${place}').database('Hunting').DeviceInfo | count`)).toEqual(own);
    }
    const { status } = await spoor.call('/api/advancedhunting/run', {
      Query: "cluster('help').database('Samples').StormEvents | count",
    });
    expect(status).toBe(400);
  });
});

describe('a cursor', () => {
  test('parts the rows that were there from those that came since', async () => {
    const [first] = await hunt('print Cursor = cursor_current()');
    const cursor = String(first?.['Cursor']);
    expect(cursor).toMatch(/^\d+$/);
    const count = async (predicate: string): Promise<unknown> =>
      (await hunt(`DeviceInfo | where ${predicate} | count`))[0]?.['Count'];
    const before = await count('true');
    expect(await count(`cursor_after('${cursor}')`)).toBe(0);
    expect(await count("cursor_after('')")).toBe(before);
    expect(await count("cursor_before_or_at('')")).toBe(0);

    const event = { Timestamp: new Date().toISOString(), DeviceId: 'new', DeviceName: 'new.example.com' };
    const sent = await spoor.call(
      '/api/ingest/auto',
      JSON.stringify({ category: 'AdvancedHunting-DeviceInfo', properties: event }),
    );
    expect(sent.status).toBe(200);
    const since = await hunt(
      `DeviceInfo | where cursor_after('${cursor}') | project DeviceId, Row = row_id(), Now = cursor_current()`,
    );
    expect(since.map((row) => row['DeviceId'])).toEqual(['new']);
    expect(Number(since[0]?.['Row'])).toBeGreaterThan(Number(cursor));
    expect(Number(since[0]?.['Now'])).toBeGreaterThanOrEqual(Number(since[0]?.['Row']));
    expect(await count(`cursor_before_or_at('${cursor}')`)).toBe(before);
    expect(await count('cursor_before_or_at(cursor_current())')).toBe(Number(before) + 1);
  });

  test('is refused where no stored row is, and where it is none', async () => {
    for (const query of ["print cursor_after('1')", "DeviceInfo | where cursor_after('now')"]) {
      expect((await spoor.call('/api/advancedhunting/run', { Query: query })).status).toBe(400);
    }
  });
});
