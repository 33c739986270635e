import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../server.ts';

const COLUMNS = Array.from({ length: 29 }, (_, n) => `c${n} = i * ${n + 1}`).join(', ');
const WIDE = `range i from 1 to 100000 step 1 | extend ${COLUMNS}`;
const ALLOWED_BYTES = 64 * 1024 * 1024;

describe('the memory of the server', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer([], { SPOOR_QUOTAS: 'unlimited' });
  });
  afterAll(async () => {
    await server?.remove();
  });

  /** The bytes of the answer, read with a pause after each piece. */
  async function ask(query: string, pauseMs = 0): Promise<number> {
    const key = readFileSync(join(server.data, 'cli.key'), 'utf8').trim();
    const answer = await fetch(`${server.url}/spoor/admin/query`, {
      method: 'POST',
      headers: { authorization: `SpoorKey ${key}`, 'accept-encoding': 'identity' },
      body: JSON.stringify({ Query: query }),
    });
    expect(answer.status).toBe(200);
    let bytes = 0;
    for await (const piece of answer.body ?? []) {
      bytes += piece.byteLength;
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return bytes;
  }

  // Resident memory and its highest mark are read from Linux's /proc.
  it.skipIf(!existsSync('/proc/self/clear_refs')).each([
    ['fast', 0],
    ['slow', 5],
  ])('grows by less than 64 MiB for 100,000 rows of 30 columns and a %s reader', async (_reader, pauseMs) => {
    await ask(`${WIDE} | take 100`);
    writeFileSync(`/proc/${server.process.pid}/clear_refs`, '5');
    const before = memory('VmRSS');
    expect(await ask(WIDE, pauseMs)).toBeGreaterThan(20_000_000);
    expect(memory('VmHWM') - before).toBeLessThan(ALLOWED_BYTES);
  });

  function memory(line: 'VmRSS' | 'VmHWM'): number {
    const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
    return Number(new RegExp(`${line}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
  }
});
