import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, startTestServer, type TestServer } from '../server.ts';

const ROWS_PER_DELIVERY = 50;

/** A delivery that is sent again must be the same to the byte. */
const STARTED_AT = new Date().toISOString();

/** Rows that can be told apart by delivery (`DeviceName`) and row (`FileName`). */
function delivery(n: number): string {
  return Array.from({ length: ROWS_PER_DELIVERY }, (_, i) =>
    JSON.stringify({
      category: 'AdvancedHunting-DeviceFileEvents',
      properties: {
        Timestamp: STARTED_AT,
        DeviceName: `crash-${n}`,
        ActionType: 'FileCreated',
        FileName: `file-${i}`,
      },
    }),
  ).join('\n');
}

describe('a server that is killed', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer([]);
  });
  afterAll(async () => {
    await server?.remove();
  });

  /** Resolves with 'acknowledged', or with what came instead. */
  async function deliver(n: number): Promise<string> {
    const key = readFileSync(join(server.data, 'cli.key'), 'utf8').trim();
    try {
      const answer = await fetch(`${server.url}/spoor/admin/ingest/records`, {
        method: 'POST',
        headers: { authorization: `SpoorKey ${key}`, 'idempotency-key': `delivery-${n}` },
        body: delivery(n),
      });
      const text = await answer.text();
      return answer.status === 200 ? 'acknowledged' : `${answer.status} ${text}`;
    } catch (error) {
      return String(error);
    }
  }

  async function storedByDelivery(): Promise<Map<string, number>> {
    const kql =
      'DeviceFileEvents | where DeviceName startswith "crash-" | summarize n = count() by DeviceName';
    const answer = await runCli(['query', kql, '--format', 'ndjson', '--data', server.data]);
    expect(answer.code, answer.stderr).toBe(0);
    const rows = answer.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { DeviceName: string; n: number });
    return new Map(rows.map(({ DeviceName, n }) => [DeviceName, n]));
  }

  it('has lost nothing it acknowledged, and stores nothing twice when it is sent again', async () => {
    const acknowledged: number[] = [];
    let sent = 0;
    const killed = new Promise((resolve) => server.process.once('exit', resolve));
    const clients = Array.from({ length: 4 }, async () => {
      while (server.process.exitCode === null && server.process.signalCode === null) {
        const n = sent++;
        if ((await deliver(n)) === 'acknowledged') acknowledged.push(n);
        if (acknowledged.length === 30) server.process.kill('SIGKILL');
      }
    });
    await killed;
    await Promise.all(clients);
    expect(acknowledged.length).toBeGreaterThanOrEqual(30);

    server = await startTestServer([], {}, server.data);
    const after = await storedByDelivery();
    for (const n of acknowledged) expect(after.get(`crash-${n}`), `delivery ${n}`).toBe(ROWS_PER_DELIVERY);
    for (let n = 0; n < sent; n++) expect(await deliver(n), `delivery ${n} again`).toBe('acknowledged');
    const whole = await storedByDelivery();
    expect(whole.size).toBe(sent);
    for (const [d, rows] of whole) expect(rows, `delivery ${d}`).toBe(ROWS_PER_DELIVERY);
  });
});
