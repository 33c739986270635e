import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { rowOf } from '../../src/detection/event-row.ts';
import { detectionOf, found } from '../../src/detection/found.ts';
import { createPull } from '../../src/detection/pull.ts';
import { readRule } from '../../src/detection/rule-form.ts';
import { appendDetections } from '../../src/store/detections.ts';
import { openStore, type Store } from '../../src/store/store.ts';

/**
 * A store with many detections: how soon a pull of two hours begins, how fast it goes on, and what memory it takes.
 * `--write FOLDER` fills a store and leaves it there; without it, a process of its own does, so that its memory is not
 * counted.
 */
const { values } = parseArgs({
  options: { detections: { type: 'string', default: '1000000' }, write: { type: 'string' } },
});
const total = Number(values.detections);
const TENANT = '5f0b7c1e-2a44-4c55-9b1d-7c0f3d5a9e21';
const outcome = readRule({
  name: 'load',
  title: 'Load on {{DeviceName}}',
  severity: 'Low',
  category: 'Execution',
  frequency: 'continuous',
  query: 'DeviceProcessEvents',
});
if (!outcome.ok) throw new Error('the rule of the measurement is wrong');
const { rule } = outcome;
if (values.write !== undefined) await write(values.write);
else {
  const folder = mkdtempSync(join(tmpdir(), 'spoor-siem-'));
  try {
    const script = process.argv[1] ?? '';
    const args = [script, '--write', folder, '--detections', values.detections];
    execFileSync(process.execPath, args, { stdio: 'inherit' });
    await measure(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function write(folder: string): Promise<void> {
  const store = await openStore(folder);
  const startMs = performance.now();
  // All but the last fifth are older than two hours.
  for (let at = 0; at < total; at += 1000) {
    const recent = at >= total * 0.8;
    const items = Array.from({ length: 1000 }, (_, k) => {
      const row = rowOf({
        Timestamp: '2021-01-01T00:00:00.0000000Z',
        DeviceId: `device-${(at + k) % 5000}`,
        DeviceName: `lab-${(at + k) % 5000}.example.org`,
        ReportId: String(at + k),
        FileName: 'powershell.exe',
        FolderPath: 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
        ProcessCommandLine: `powershell.exe -enc ${'QQBB'.repeat(60)}`,
        AccountName: 'kim',
      });
      return detectionOf(rule, '0f6f2a51-64d1-4c35-8a0e-5b3f6e1d2c3b', found(rule, row, undefined), 'da1_1');
    });
    const nowMs = Date.now() - (recent ? 0 : 3 * 3_600_000);
    await store.db.transaction().execute((tx) => appendDetections(tx, TENANT, items, nowMs));
    // Statements that are no longer used are freed between turns of the event loop.
    await setImmediate();
  }
  const ms = Math.round(performance.now() - startMs);
  console.log(`written: ${total} detections in ${ms} ms, memory ${mebibytes(process.memoryUsage.rss())}`);
  await store.close();
}

async function measure(folder: string): Promise<void> {
  const store = await openStore(folder);
  console.log(`memory before the pulls: ${mebibytes(process.memoryUsage.rss())}`);
  const since = new Date(Date.now() - 7_200_000).toISOString().replace('Z', '0000Z');
  await pull(store, 'the last two hours', since, []);
  await pull(store, 'everything', undefined, []);
  await pull(store, 'a group that nothing has', undefined, ['none']);
  await store.close();
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

async function pull(
  store: Store,
  what: string,
  since: string | undefined,
  machineGroups: readonly string[],
): Promise<void> {
  const bounds = { since, until: undefined, sinceInclusive: false, untilInclusive: true };
  const filter = { machineGroups, deviceTag: undefined, cloudTag: undefined };
  const startMs = performance.now();
  let firstMs: number | undefined;
  let bytes = 0;
  let peak = 0;
  const pieces = createPull(store)({
    tenant: TENANT,
    bounds,
    filter,
    sees: undefined,
    limit: undefined,
    publicUrl: 'http://x',
  });
  for await (const piece of pieces) {
    firstMs ??= performance.now() - startMs;
    bytes += piece.length;
    peak = Math.max(peak, process.memoryUsage.rss());
  }
  const allMs = performance.now() - startMs;
  console.log(
    `${what}: first piece after ${(firstMs ?? 0).toFixed(1)} ms, ${(bytes / 2 ** 20).toFixed(0)} MiB in ` +
      `${Math.round(allMs)} ms, peak memory ${mebibytes(peak)}`,
  );
}
