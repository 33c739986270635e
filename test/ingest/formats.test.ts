import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tenantDatabase } from '../../src/catalog/ddl.ts';
import { ident, sql } from '../../src/clickhouse/sql.ts';
import type { IngestRequest } from '../../src/ingest/ingest.ts';
import { startTestEngine, type TestEngine } from '../engine/harness.ts';
import { countRows, delivery, type Intake, ndjson, newTenant, record, startIntake } from './deliveries.ts';
import { zip } from './zip.ts';

let engine: TestEngine;
let intake: Intake;
beforeAll(async () => {
  engine = await startTestEngine();
  intake = await startIntake(engine.database);
});
afterAll(async () => {
  await intake.stop();
  await engine.stop();
});

const send = (tenant: string, content: string | Buffer, options: Partial<IngestRequest> = {}) =>
  intake.ingest().ingestStream(delivery(content, { tenant, ...options }));

async function rowsOf(tenant: string, table: string): Promise<Record<string, unknown>[]> {
  return await engine.database.rows(
    sql`SELECT * FROM ${ident(tenantDatabase(tenant))}.${ident(table)} ORDER BY ReportId`,
  );
}

function rejectsOf(tenant: string): { file: string; line: number; reason: string; text: string }[] {
  const folder = path.join(intake.dataDir, 'rejects', tenant);
  return readdirSync(folder).flatMap((name) =>
    readFileSync(path.join(folder, name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
}

const RECORDS = [1, 2, 3].map((id) => record(id));
const PLAIN = RECORDS.map((each) => (each as { properties: object }).properties);

describe('formats', () => {
  const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
  const csv =
    'Timestamp,DeviceId,FileName,ReportId\r\n2024-05-01T10:00:00Z,d,"a ""x"", b",1\r\n2024-05-01 10:00:01,d,"two\nlines",2\r\n2024-05-01T10:00:02.1234567Z,d,,3\r\n';
  const inputs: readonly (readonly [string, string | Buffer, Partial<IngestRequest>])[] = [
    ['records in a wrapper', JSON.stringify({ records: RECORDS }), {}],
    ['records, one a line', ndjson(RECORDS), {}],
    ['records, lines ended by CRLF', ndjson(RECORDS).replaceAll('\n', '\r\n'), {}],
    ['records as an array', JSON.stringify(RECORDS), { format: 'records' }],
    ['wrappers, one a line', ndjson(RECORDS.map((each) => ({ records: [each] }))), {}],
    ['records with a byte-order mark', `\ufeff${ndjson(RECORDS)}`, {}],
    ['records in UTF-16', utf16(ndjson(RECORDS)), {}],
    ['plain rows', ndjson(PLAIN), { table: 'DeviceProcessEvents' }],
    [
      'plain rows, printed over lines',
      PLAIN.map((each) => JSON.stringify(each, null, 2)).join('\n'),
      { table: 'DeviceProcessEvents' },
    ],
    ['plain rows under an old table name', JSON.stringify(PLAIN), { table: 'ProcessCreationEvents' }],
    ['CSV', csv, { format: 'csv', table: 'DeviceProcessEvents' }],
    ['CSV that nobody called CSV', csv, { table: 'DeviceProcessEvents' }],
    ['gzip', gzipSync(ndjson(RECORDS)), {}],
    [
      'gzip in two pieces',
      Buffer.concat([gzipSync(ndjson(RECORDS.slice(0, 1))), gzipSync(ndjson(RECORDS.slice(1)))]),
      {},
    ],
    [
      'zip',
      zip([
        { name: 'a/b.json', content: ndjson(RECORDS) },
        { name: '__MACOSX/a/._b.json', content: 'x' },
      ]),
      {},
    ],
    [
      'zip with bytes behind it',
      Buffer.concat([zip([{ name: 'b.json', content: ndjson(RECORDS) }]), Buffer.from('\n')]),
      {},
    ],
    ['gzip in zip', zip([{ name: '../../b.json.gz', content: gzipSync(ndjson(RECORDS)) }]), {}],
  ];
  for (const [name, content, options] of inputs) {
    it(`reads ${name}`, async () => {
      const tenant = newTenant();
      const counts = await send(tenant, content, options);
      expect(counts).toMatchObject({ files: 1, events: 3, stored: 3, rejected: 0, skipped: 0 });
      expect((await rowsOf(tenant, 'DeviceProcessEvents')).map((row) => row['ReportId'])).toEqual([
        '1',
        '2',
        '3',
      ]);
      expect(await send(tenant, content, options)).toMatchObject({ stored: 0, duplicates: 3 });
    });
  }

  it('keeps every digit, every tick and every member that no column takes', async () => {
    const tenant = newTenant();
    const text = JSON.stringify(
      record(1, 'DeviceProcessEvents', {
        LogonId: '@',
        MachineGroup: 'Labs',
        NewThing: { a: ['@'] },
        FileSize: 'large',
      }),
    ).replaceAll('"@"', '9223372036854775807');
    await send(tenant, text);
    const [row] = await rowsOf(tenant, 'DeviceProcessEvents');
    expect(row).toMatchObject({
      LogonId: '9223372036854775807',
      Timestamp: '2024-05-01 10:00:01.1234567',
      FileSize: null,
    });
    expect(row?.['_extra']).toBe(
      '{"MachineGroup":"Labs","NewThing":{"a":[9223372036854775807]},"FileSize":"large"}',
    );
  });

  it('shifts each file by itself', async () => {
    const tenant = newTenant();
    const early = ndjson([record(1), record(31)]);
    const late = ndjson([record(2), record(12)]).replaceAll('2024', '2025');
    const before = Date.now();
    await send(
      tenant,
      zip([
        { name: 'a', content: early },
        { name: 'b', content: late },
      ]),
      { rebase: true },
    );
    const times = (await rowsOf(tenant, 'DeviceProcessEvents')).map((row) =>
      Date.parse(`${row['Timestamp']}Z`),
    );
    const [one = 0, two = 0, twelve = 0, last = 0] = times;
    expect([last - one, twelve - two]).toEqual([30_000, 10_000]);
    for (const end of [twelve, last]) {
      expect(end).toBeGreaterThanOrEqual(before);
      expect(end).toBeLessThanOrEqual(Date.now() + 1);
    }
    expect(await send(tenant, early, { rebase: true })).toMatchObject({ stored: 0, duplicates: 2 });
    expect(await send(tenant, early)).toMatchObject({ stored: 2, duplicates: 0 });
  });
});

describe('hostile and damaged input', () => {
  it('puts wrong lines aside with file and line, and stores the rest', async () => {
    const tenant = newTenant();
    const good = JSON.stringify(record(1));
    const bad = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}\n')]);
    const input = Buffer.concat([
      Buffer.from(`${good}\n{"cut": \n`),
      bad,
      Buffer.from(
        `7\n${JSON.stringify(record(2)).replaceAll('2024-', 'never-')}\n${JSON.stringify(record(3))}`,
      ),
    ]);
    const counts = await send(tenant, input, { name: 'mixed.json' });
    expect(counts).toMatchObject({ events: 6, stored: 2, rejected: 4 });
    expect(counts.reasons).toEqual({
      'malformed JSON': 1,
      'invalid UTF-8': 1,
      'not an object': 1,
      'no valid Timestamp': 1,
    });
    const rejects = rejectsOf(tenant);
    expect(rejects.map(({ file, line }) => [file, line])).toEqual(
      [2, 3, 4, 5].map((line) => ['mixed.json', line]),
    );
  });

  it('keeps what can be unpacked of a damaged archive, once', async () => {
    const content = ndjson(
      Array.from({ length: 20_000 }, (_, i) => record(i, 'DeviceProcessEvents', { MD5: `${i * 7919}` })),
    );
    for (const whole of [gzipSync(content), zip([{ name: 'a', content }])]) {
      const tenant = newTenant();
      const cut = whole[0] === 0x1f ? whole.subarray(0, whole.length >> 1) : Buffer.from(whole);
      if (whole[0] !== 0x1f) cut.fill(0, cut.length >> 1, (cut.length >> 1) + 400);
      const counts = await send(tenant, cut);
      expect(counts.reasons['damaged archive']).toBe(1);
      expect(counts.stored).toBeGreaterThan(100);
      expect(await send(tenant, cut)).toMatchObject({ stored: 0, duplicates: counts.stored });
      expect(await countRows(engine.database, tenant, 'DeviceProcessEvents')).toBe(counts.stored);
    }
    const noEnd = zip([{ name: 'a', content }]).subarray(0, 5000);
    expect(await send(newTenant(), noEnd)).toMatchObject({ stored: 0, reasons: { 'damaged archive': 1 } });
  });

  it('stops at an archive that unpacks to far more than its size', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024, 32));
    expect((await send(newTenant(), bomb)).reasons).toEqual({ 'damaged archive': 1 });
  });

  it('survives nesting, huge values, hostile names and empty bodies', async () => {
    const tenant = newTenant();
    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    const named = JSON.stringify({ ...record(1), ['__proto__']: 1, constructor: 2 });
    const surrogate = JSON.stringify(record(2, 'DeviceProcessEvents', { FileName: 'a\ud800b\0' }));
    const huge = `{"a":"${'x'.repeat(33 * 1024 * 1024)}"}`;
    const counts = await send(tenant, `${deep}\n${named}\n${surrogate}\n${huge}\n`);
    expect(counts).toMatchObject({ events: 4, stored: 2, rejected: 2 });
    expect(counts.reasons['value too large']).toBe(1);
    const names = (await rowsOf(tenant, 'DeviceProcessEvents')).map((row) => row['FileName']);
    expect(names).toEqual(['', 'a\ufffdb\0']);
    expect(await send(tenant, '')).toMatchObject({ files: 1, events: 0, stored: 0 });
    expect(await send(tenant, zip([]))).toMatchObject({ files: 0, events: 0, stored: 0 });
  });

  it('reads a CSV around its wrong rows', async () => {
    const tenant = newTenant();
    const csv =
      'Timestamp,FileName,ReportId\n2024-05-01,a,1\n2024-05-01,b\n2024-05-01,c,3\nnever,d,4\n2024-05-01,e,"5\n';
    const counts = await send(tenant, csv, { table: 'DeviceFileEvents' });
    expect(counts.stored).toBe(2);
    expect(counts.reasons['no valid Timestamp']).toBe(1);
    expect(counts.reasons['malformed CSV']).toBe(2);
  });

  it('refuses a table that is not known', async () => {
    await expect(send(newTenant(), '{}', { table: 'Nope' })).rejects.toMatchObject({
      code: 'UnknownTable',
      status: 400,
    });
  });

  it('stores nothing of a body that breaks off', async () => {
    const tenant = newTenant();
    async function* pieces() {
      yield Buffer.from(ndjson([record(1)]));
      throw new Error('gone');
    }
    const request = delivery('', { tenant, body: Readable.from(pieces()) });
    await expect(intake.ingest().ingestStream(request)).rejects.toThrow('gone');
    expect(readdirSync(path.join(intake.dataDir, 'ingest-spool'))).toEqual([]);
  });
});
