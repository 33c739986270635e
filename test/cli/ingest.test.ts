import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, startTestServer, type TestServer } from '../server.ts';

/** Rows of each file: the first is by far the largest, so that others end before it. */
const ROWS = [30_000, 3, 2, 5, 1, 4, 2, 6, 3];

describe('spoor ingest of many files', () => {
  let server: TestServer;
  const folder = mkdtempSync(join(tmpdir(), 'spoor-files-'));
  const files = join(folder, 'files');

  beforeAll(async () => {
    mkdirSync(files);
    for (const [n, rows] of ROWS.entries()) {
      const content = Array.from({ length: rows }, (_, row) => event(`file ${n} row ${row}`)).join('\n');
      const isPacked = n % 2 === 1;
      const path = join(files, `${n}.ndjson${isPacked ? '.gz' : ''}`);
      writeFileSync(path, isPacked ? gzipSync(content) : content);
    }
    server = await startTestServer(['--no-sample']);
  });
  afterAll(async () => {
    await server?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('reports them in their order, and the sum', async () => {
    const { code, stdout, stderr } = await runCli(['ingest', files, '--json', '--data', server.data]);
    expect(code, stderr).toBe(0);
    const events = ROWS.reduce((sum, rows) => sum + rows, 0);
    expect(JSON.parse(stdout)).toMatchObject({ files: ROWS.length, events, stored: events, duplicates: 0 });
    const reported = stderr.trim().split('\n');
    expect(reported).toHaveLength(ROWS.length);
    for (const [n, rows] of ROWS.entries()) expect(reported[n]).toMatch(`${rows} events: ${rows} stored`);
  });

  it('ends with the first failure, and goes on when it is repeated', async () => {
    const { code, stdout, stderr } = await runCli([
      'ingest',
      files,
      '--table',
      'NoSuchTable',
      '--data',
      server.data,
    ]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^UnknownTable: /m);
    const again = await runCli(['ingest', files, '--json', '--data', server.data]);
    expect(JSON.parse(again.stdout)).toMatchObject({ files: ROWS.length, stored: 0 });
  });
});

function event(name: string): string {
  return JSON.stringify({
    category: 'AdvancedHunting-DeviceFileEvents',
    properties: { Timestamp: '2026-01-02T03:04:05Z', DeviceName: 'pc', FileName: name },
  });
}
