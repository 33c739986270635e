import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../server.ts';
import { type ApiClient, signIn } from './api-client.ts';
import { UNLIMITED } from './kill-round.ts';

const DISK_MB = 160;
const BALLAST_MB = 80;
const ROWS = 1000;
const STARTED_AT = new Date().toISOString();

const folder = mountDisk();

describe.skipIf(folder === undefined)('a disk that is full', { timeout: 180_000 }, () => {
  const data = folder ?? '';
  const ballast = join(data, 'ballast');
  const acknowledged: number[] = [];
  let server: TestServer;
  let client: ApiClient;
  /** The delivery that found no room. */
  let refused = -1;

  beforeAll(async () => {
    fill(ballast, BALLAST_MB);
    server = await startTestServer(['--no-sample'], UNLIMITED, data);
    client = await signIn(server);
  });
  afterAll(async () => {
    await server?.stop();
    if (folder === undefined) return;
    execFileSync('umount', [folder]);
    rmdirSync(folder);
  });

  it('is a coded error to whoever delivers', async () => {
    for (let n = 0; refused === -1; n++) {
      const answer = await client.deliver(nameOf(n), delivery(n));
      if (answer.status === 200) acknowledged.push(n);
      else {
        refused = n;
        expect(answer).toMatchObject({ status: 503, code: 'DiskFull' });
        expect(Number(answer.retryAfter)).toBeGreaterThan(0);
      }
    }
    expect(acknowledged.length).toBeGreaterThan(5);
  });

  it('loses nothing that was acknowledged, and takes queries', async () => {
    await expectStored(acknowledged);
  });

  it('to its last byte is no other error, and takes queries', async () => {
    fill(join(data, 'rest'), undefined);
    expect(statfsSync(data).bavail).toBe(0);
    const answers = await Promise.all(
      [refused, refused + 1, refused + 2].map((n) => client.deliver(nameOf(n), delivery(n))),
    );
    for (const answer of answers) expect(answer).toMatchObject({ status: 503, code: 'DiskFull' });
    await expectStored(acknowledged);
  });

  it('takes the same deliveries, once, when there is room again', async () => {
    rmSync(ballast);
    rmSync(join(data, 'rest'));
    for (const n of [refused, refused + 1, refused + 2]) {
      expect(await client.deliver(nameOf(n), delivery(n))).toMatchObject({ status: 200 });
    }
    const all = [...acknowledged, refused, refused + 1, refused + 2];
    await expectStored(all);
    for (const n of [acknowledged[0] ?? 0, refused]) {
      const again = await client.deliver(nameOf(n), delivery(n));
      expect(again).toMatchObject({ status: 200, body: { stored: 0, duplicates: ROWS } });
    }
    await expectStored(all);
    expect(server.process.exitCode).toBeNull();
  });

  /** These deliveries, each of them whole and once. */
  async function expectStored(deliveries: readonly number[]): Promise<void> {
    const mayBeThere = [refused, refused + 1, refused + 2].map(nameOf);
    const rows = await client.rows<{ DeviceName: string; n: number; different: number }>(
      `DeviceFileEvents | summarize n = count(), different = array_length(make_set(FileName)) by DeviceName`,
    );
    const names = deliveries.map(nameOf);
    const stored = rows.map(({ DeviceName }) => DeviceName);
    expect(names.filter((name) => !stored.includes(name))).toEqual([]);
    // What was refused may be there already, but only whole.
    expect(stored.filter((name) => !names.includes(name) && !mayBeThere.includes(name))).toEqual([]);
    for (const row of rows) expect(row).toMatchObject({ n: ROWS, different: ROWS });
  }
});

/** A small disk of its own as an empty folder; undefined where this process may not mount one. */
function mountDisk(): string | undefined {
  const made = mkdtempSync(join(tmpdir(), 'spoor-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m,mode=700`, 'tmpfs', made], {
      stdio: 'pipe',
    });
    return made;
  } catch (error) {
    rmdirSync(made);
    if (process.env['CI'] === 'true' && process.getuid?.() === 0) throw error;
    console.warn('skipped: a full disk needs the right to mount one (run as root)');
    return undefined;
  }
}

/** Writes a file of so many megabytes, or until the disk is full. */
function fill(path: string, megabytes: number | undefined): void {
  const piece = Buffer.alloc(megabytes === undefined ? 4096 : 2 ** 20);
  const file = openSync(path, 'w');
  try {
    for (let n = 0; n < (megabytes ?? Number.POSITIVE_INFINITY); n++) writeSync(file, piece);
    fsyncSync(file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    closeSync(file);
  }
}

function nameOf(n: number): string {
  return `disk-${n}`;
}

const bodies = new Map<number, string>();

/** About two megabytes that hardly packs; the same to the byte each time. */
function delivery(n: number): string {
  const made =
    bodies.get(n) ??
    JSON.stringify({
      records: Array.from({ length: ROWS }, (_, row) => ({
        category: 'AdvancedHunting-DeviceFileEvents',
        properties: {
          Timestamp: STARTED_AT,
          DeviceName: nameOf(n),
          FileName: `file-${row}`,
          FolderPath: randomBytes(1500).toString('base64'),
        },
      })),
    });
  bodies.set(n, made);
  return made;
}
