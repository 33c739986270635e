import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../server.ts';
import {
  describeRound,
  killEngine,
  killServer,
  type Ledger,
  READY_WITHIN_MS,
  UNLIMITED,
} from './kill-round.ts';

/** The short form; `npm run soak -- --kills N` repeats it. */
describe('kill -9 amid deliveries and queries', { timeout: 180_000 }, () => {
  let server: TestServer;
  const ledger: Ledger = { sent: 0, acknowledged: new Set() };

  beforeAll(async () => {
    server = await startTestServer(['--no-sample'], UNLIMITED);
  });
  afterAll(async () => {
    await server?.remove();
  });

  it.each([1, 2])('of the server loses and doubles nothing (round %i)', async () => {
    const round = await killServer(server, ledger);
    server = round.server;
    console.log(describeRound(round));
    expect(round.acknowledged).toBeGreaterThanOrEqual(20);
    expect(round.backAfterMs).toBeLessThan(READY_WITHIN_MS);
  });

  it.each([1, 2])('of the engine is a coded error, and the next query works (round %i)', async () => {
    const round = await killEngine(server, ledger);
    console.log(describeRound(round));
    expect(round.acknowledged).toBeGreaterThanOrEqual(20);
    expect(round.backAfterMs).toBeLessThan(READY_WITHIN_MS);
  });
});
