import { rowOf } from '../../src/detection/event-row.ts';
import { found } from '../../src/detection/found.ts';
import { recordFound } from '../../src/detection/record-found.ts';
import { readRule } from '../../src/detection/rule-form.ts';
import { TENANT, type TestServer } from '../http/server.ts';

/** An alert of an event on a device, as a rule would have raised it. */
export async function raise(
  server: TestServer,
  device: string,
  severity: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<void> {
  const outcome = readRule({
    name: `rule-${severity.toLowerCase()}`,
    title: `On ${device}`,
    severity,
    category: 'Execution',
    techniques: ['T1059.001'],
    frequency: 'continuous',
    query: 'DeviceProcessEvents',
  });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.faults));
  const { rule } = outcome;
  const row = rowOf({
    Timestamp: '2021-03-20T11:02:41.0912384Z',
    DeviceId: device,
    DeviceName: `${device}.example.org`,
    ReportId: '1',
    FileName: 'nc64.exe',
    ProcessId: '6120',
    ProcessCommandLine: 'nc64.exe -e cmd.exe',
    AccountName: 'kim',
    ...fields,
  });
  const counts = { rows: 0, detections: 0, alerts: 0, dropped: 0, suppressed: 0 };
  const settings = { maxAlerts: 10, mergeMs: 1000, correlateMs: 1000 };
  const identity = { tenant: TENANT, rule, detector: '0f6f2a51-64d1-4c35-8a0e-5b3f6e1d2c3b' };
  await server.store.db
    .transaction()
    .execute((tx) =>
      recordFound(tx, identity, [found(rule, row, undefined)], counts, settings, server.clock.nowMs()),
    );
  server.clock.set(server.clock.nowMs() + 5);
}
