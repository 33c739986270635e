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

  async function ask(query: string): Promise<number> {
    const key = readFileSync(join(server.data, 'cli.key'), 'utf8').trim();
    const answer = await fetch(`${server.url}/spoor/admin/query`, {
      method: 'POST',
      headers: { authorization: `SpoorKey ${key}`, 'accept-encoding': 'identity' },
      body: JSON.stringify({ Query: query }),
    });
    expect(answer.status).toBe(200);
    return (await answer.arrayBuffer()).byteLength;
  }

  // Resident memory and its highest mark are read from Linux's /proc.
  it.skipIf(!existsSync('/proc/self/clear_refs'))(
    'grows by less than 64 MiB for 100,000 rows of 30 columns',
    async () => {
      await ask(`${WIDE} | take 100`);
      writeFileSync(`/proc/${server.process.pid}/clear_refs`, '5');
      const before = memory('VmRSS');
      expect(await ask(WIDE)).toBeGreaterThan(20_000_000);
      expect(memory('VmHWM') - before).toBeLessThan(ALLOWED_BYTES);
    },
  );

  function memory(line: 'VmRSS' | 'VmHWM'): number {
    const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
    return Number(new RegExp(`${line}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
  }
});
