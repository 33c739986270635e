import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openArchive } from '../../src/ingest/formats/archive.ts';
import { readMember } from '../../src/ingest/read-member.ts';
import { createRouting } from '../../src/ingest/route.ts';
import { catalog } from './deliveries.ts';

const SHARED = process.env['SPOOR_SHARED'] ?? fileURLToPath(new URL('../../../shared', import.meta.url));
const there = existsSync(path.join(SHARED, 'telemetry'));
if (!there && process.env['CI'] === 'true') throw new Error('the reference folder is missing (SPOOR_SHARED)');

interface Seen {
  events: number;
  rejected: string[];
  readonly tables: Map<string, number>;
  readonly skipped: Map<string, number>;
}

async function readAll(files: readonly string[]): Promise<Seen> {
  const routing = createRouting(catalog);
  const seen: Seen = { events: 0, rejected: [], tables: new Map(), skipped: new Map() };
  const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const file of files) {
    for (const member of (await openArchive(file, path.basename(file))).members) {
      const router = routing({ format: 'auto', table: undefined, shiftMs: 0 });
      await readMember(member, 'auto', router, {
        event(outcome, _text, line) {
          seen.events++;
          if (outcome.kind === 'row') count(seen.tables, outcome.row.layout.table.name);
          else if (outcome.kind === 'skipped') count(seen.skipped, outcome.reason);
          else seen.rejected.push(`${member.name}:${line} ${outcome.reason}`);
        },
        fault(reason, _text, line) {
          seen.rejected.push(`${member.name}:${line} ${reason}`);
        },
        content() {},
        wait: () => undefined,
      });
    }
  }
  return seen;
}

describe.skipIf(!there)('the public telemetry of simulated attacks', () => {
  it('is read entirely, and every event is stored or counted', async () => {
    const folder = path.join(SHARED, 'telemetry');
    const files = readdirSync(folder).filter((name) => name.endsWith('.zip'));
    const seen = await readAll(files.map((name) => path.join(folder, name)));
    expect(files).toHaveLength(57);
    expect(seen.rejected).toEqual([]);
    // 466,846 Windows events and nine rows of the hunting schema.
    expect(seen.events).toBe(466_855);
    expect(Object.fromEntries(seen.tables)).toEqual({
      CloudAppEvents: 2,
      DeviceEvents: 317_665,
      DeviceFileEvents: 7770,
      DeviceImageLoadEvents: 70_137,
      DeviceLogonEvents: 519,
      DeviceNetworkEvents: 6614,
      DeviceProcessEvents: 1690,
      DeviceRegistryEvents: 62_456,
      IdentityDirectoryEvents: 2,
    });
    expect(seen.skipped.size).toBe(0);
  }, 120_000);

  it('the events that public rules must match become rows', async () => {
    const folder = path.join(SHARED, 'sigma', 'matches');
    const files = readdirSync(folder).map((rule) => path.join(folder, rule, 'event.json'));
    const seen = await readAll(files.filter((file) => readFileSync(file).length > 0));
    expect(seen.rejected).toEqual([]);
    expect(seen.events).toBe(140);
    expect(seen.skipped.size).toBe(0);
  });
});
