import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WriteStep } from '../../src/ingest/writer.ts';
import { committedArrival } from '../../src/store/ingest-journal.ts';
import { startTestEngine, type TestEngine } from '../engine/harness.ts';
import {
  countRows,
  delivery,
  heldBy,
  type Intake,
  ndjson,
  newTenant,
  record,
  startIntake,
} from './deliveries.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

const STEPS: readonly WriteStep[] = ['reserved', 'inserting', 'inserted', 'verified', 'committed'];

/** Two tables, more than one batch: 120,000 rows. */
const PROCESSES = 60_000;
const FILES = 60_000;
const LARGE = ndjson([
  ...Array.from({ length: PROCESSES }, (_, i) => record(i)),
  ...Array.from({ length: FILES }, (_, i) => record(i, 'DeviceFileEvents', { FileName: `f${i}` })),
]);

async function expectEachOnce(tenant: string, table: string, rows: number): Promise<void> {
  const held = await heldBy(engine.database, tenant, table, 'ReportId');
  expect(Object.keys(held)).toHaveLength(rows);
  expect(new Set(Object.values(held))).toEqual(new Set([1]));
  const arrivals = await heldBy(engine.database, tenant, table, '_arrival');
  expect(Object.keys(arrivals)).toHaveLength(rows);
}

async function withIntake(work: (intake: Intake) => Promise<void>, at?: Parameters<typeof startIntake>[1]) {
  const intake = await startIntake(engine.database, at);
  try {
    await work(intake);
  } finally {
    await intake.stop();
  }
}

async function killEngine(): Promise<void> {
  const { pid } = engine.engine;
  if (pid === undefined) throw new Error('the engine does not run');
  process.kill(pid, 'SIGKILL');
  // The death has to be noticed before anything is sent.
  await new Promise((resolve) => setTimeout(resolve, 300));
}

describe('a delivery', () => {
  it('is answered when its rows can be read, and repeated for nothing', async () => {
    await withIntake(async (intake) => {
      const tenant = newTenant();
      const content = ndjson([record(1), record(2), record(3, 'DeviceFileEvents'), record(4, 'NoSuchTable')]);
      const first = await intake.ingest().ingestStream(delivery(content, { tenant }));
      expect(first).toEqual({
        files: 1,
        events: 4,
        stored: 3,
        skipped: 1,
        duplicates: 0,
        rejected: 0,
        tables: { DeviceProcessEvents: 2, DeviceFileEvents: 1 },
        reasons: { 'unmapped: table NoSuchTable': 1 },
      });
      expect(await countRows(engine.database, tenant, 'DeviceProcessEvents')).toBe(2);
      const again = await intake.ingest().ingestStream(delivery(content, { tenant, name: 'other name' }));
      expect(again).toMatchObject({ events: 4, stored: 0, skipped: 1, duplicates: 3, tables: {} });
      await intake.restart();
      const later = await intake.ingest().ingestStream(delivery(content, { tenant }));
      expect(later).toMatchObject({ stored: 0, duplicates: 3 });
      expect(await countRows(engine.database, tenant, 'DeviceProcessEvents')).toBe(2);
    });
  });

  it('under a key counts by its key, not its content', async () => {
    await withIntake(async (intake) => {
      const tenant = newTenant();
      const content = ndjson([record(1)]);
      const send = (idempotencyKey: string, body = content) =>
        intake.ingest().ingestStream(delivery(body, { tenant, idempotencyKey }));
      expect(await send('a')).toMatchObject({ stored: 1, duplicates: 0 });
      expect(await send('a')).toMatchObject({ stored: 0, duplicates: 1 });
      expect(await send('a', ndjson([record(2)]))).toMatchObject({ stored: 0, duplicates: 1 });
      expect(await send('b')).toMatchObject({ stored: 1, duplicates: 0 });
      expect(await heldBy(engine.database, tenant, 'DeviceProcessEvents', 'ReportId')).toEqual({ 1: 2 });
    });
  });

  it('is stored once when it comes many times at the same moment', async () => {
    await withIntake(async (intake) => {
      const tenant = newTenant();
      const content = ndjson(Array.from({ length: 500 }, (_, i) => record(i)));
      for (const idempotencyKey of [undefined, 'k']) {
        const answers = await Promise.all(
          Array.from({ length: 6 }, () =>
            intake.ingest().ingestStream(delivery(content, { tenant, idempotencyKey })),
          ),
        );
        expect(answers.map((answer) => answer.stored).sort()).toEqual([0, 0, 0, 0, 0, 500]);
        expect(answers.map((answer) => answer.duplicates).sort()).toEqual([0, 500, 500, 500, 500, 500]);
      }
      expect(await countRows(engine.database, tenant, 'DeviceProcessEvents')).toBe(1000);
    });
  });

  it('gets arrival numbers that grow as deliveries are answered', async () => {
    await withIntake(async (intake) => {
      const tenant = newTenant();
      expect(await committedArrival(intake.store.db, tenant)).toBe(0);
      await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          intake.ingest().ingestStream(delivery(ndjson([record(i), record(i + 100)]), { tenant })),
        ),
      );
      const arrivals = await heldBy(engine.database, tenant, 'DeviceProcessEvents', '_arrival');
      expect(
        Object.keys(arrivals)
          .map(Number)
          .sort((a, b) => a - b),
      ).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
      expect(await committedArrival(intake.store.db, tenant)).toBe(16);
    });
  });
});

describe('a killed engine', () => {
  for (const step of STEPS) {
    it(`at "${step}" costs no row and doubles none`, async () => {
      let kills = 1;
      await withIntake(
        async (intake) => {
          const tenant = newTenant();
          const counts = await intake.ingest().ingestStream(delivery(LARGE, { tenant }));
          expect(counts).toMatchObject({ stored: PROCESSES + FILES, duplicates: 0, rejected: 0 });
          expect(kills).toBe(0);
          await expectEachOnce(tenant, 'DeviceProcessEvents', PROCESSES);
          await expectEachOnce(tenant, 'DeviceFileEvents', FILES);
        },
        async (at) => {
          if (at !== step || kills === 0) return;
          kills--;
          await killEngine();
        },
      );
    });
  }
});

describe('a killed server', () => {
  for (const step of STEPS) {
    for (const batch of [0, 1]) {
      it(`at "${step}" of batch ${batch} is resumed by the same delivery`, async () => {
        await withIntake(
          async (intake) => {
            const tenant = newTenant();
            await expect(intake.ingest().ingestStream(delivery(LARGE, { tenant }))).rejects.toThrow('killed');
            await intake.restart();
            const counts = await intake.ingest().ingestStream(delivery(LARGE, { tenant }));
            expect(counts.stored + counts.duplicates).toBe(PROCESSES + FILES);
            if (batch === 1) expect(counts.duplicates).toBeGreaterThan(0);
            await expectEachOnce(tenant, 'DeviceProcessEvents', PROCESSES);
            await expectEachOnce(tenant, 'DeviceFileEvents', FILES);
            const again = await intake.ingest().ingestStream(delivery(LARGE, { tenant }));
            expect(again).toMatchObject({ stored: 0, duplicates: PROCESSES + FILES });
          },
          async (at, { seq }) => {
            // Not an error that is handled: the process is gone.
            if (at === step && seq === batch) throw new Error('killed');
          },
        );
      });
    }
  }

  it('refuses other content under a key that was begun', async () => {
    await withIntake(
      async (intake) => {
        const tenant = newTenant();
        const send = (body: string) =>
          intake.ingest().ingestStream(delivery(body, { tenant, idempotencyKey: 'begun' }));
        await expect(send(LARGE)).rejects.toThrow('killed');
        await intake.restart();
        await expect(send(ndjson([record(7)]))).rejects.toMatchObject({
          code: 'IdempotencyKeyReused',
          status: 409,
        });
        expect(await send(LARGE)).toMatchObject({ rejected: 0 });
        await expectEachOnce(tenant, 'DeviceProcessEvents', PROCESSES);
      },
      async (at, { seq }) => {
        if (at === 'reserved' && seq === 1) throw new Error('killed');
      },
    );
  });
});
