import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tenantDatabase } from '../../../src/catalog/ddl.ts';
import { loadCatalog } from '../../../src/catalog/load.ts';
import { convertSigma } from '../../../src/detection/sigma/convert.ts';
import { readSigma } from '../../../src/detection/sigma/rule.ts';
import { createIngest } from '../../../src/ingest/ingest.ts';
import { compile } from '../../../src/kql/index.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import { referenceFolder } from '../../conformance/reference-folder.ts';
import { huntRows, startTestEngine, type TestEngine } from '../../engine/harness.ts';
import { type Event, isOfSource, matchesRule } from './evaluator.ts';

const folder = referenceFolder();
const sigma = folder === undefined ? undefined : join(folder, 'sigma');
const matches = sigma !== undefined && existsSync(sigma) ? join(sigma, 'matches') : undefined;
const TENANT = '7d1b7c1e-2a44-4c55-9b1d-7c0f3d5a9e21';

interface Case {
  readonly id: string;
  readonly rule: string;
  readonly event: string;
}

describe.skipIf(matches === undefined)('public Sigma rules on the events that they must match', () => {
  const cases: Case[] = [];
  const events: Event[] = [];
  let engine: TestEngine;
  let store: Store;
  let data: string;
  const catalog = loadCatalog();

  beforeAll(async () => {
    for (const id of readdirSync(matches ?? '')) {
      const read = (name: string) => readFileSync(join(matches ?? '', id, name), 'utf8');
      cases.push({ id, rule: read('rule.yml'), event: read('event.json') });
    }
    events.push(...cases.flatMap(({ event }) => flatEvents(event)));
    engine = await startTestEngine();
    data = mkdtempSync(join(tmpdir(), 'spoor-sigma-'));
    store = await openStore(data);
    const ingest = createIngest({ database: engine.database, catalog, store, dataDir: data });
    for (const { id, event } of cases) {
      const lines = jsonObjects(event).map((each) => JSON.stringify(each));
      await ingest.ingestStream({
        tenant: TENANT,
        format: 'windows',
        table: undefined,
        idempotencyKey: id,
        name: `${id}.json`,
        body: Readable.from([`${lines.join('\n')}\n`]),
        rebase: false,
        signal: new AbortController().signal,
      });
    }
  }, 120_000);
  afterAll(async () => {
    await store?.close();
    await engine?.stop();
    if (data !== undefined) rmSync(data, { recursive: true, force: true });
  });

  it('convert and find as many of all these events as the rule itself', async () => {
    const database = tenantDatabase(TENANT);
    const tables = await engine.database.rows<{ name: string }>({
      text: `SELECT name FROM system.tables WHERE database = '${database}'`,
    } as never);
    const existing = new Set(tables.map(({ name }) => name));
    const wrong: string[] = [];
    const refused: string[] = [];
    for (const { id, rule } of cases) {
      const [conversion] = convertSigma(rule);
      if (conversion === undefined || !conversion.ok) {
        refused.push(`${conversion?.construct}`);
        continue;
      }
      const options = { nowTicks: 17_900_000_000_000_000n, database, existing };
      const compiled = compile(`${conversion.query}\n| count`, catalog, options);
      if (!compiled.ok) {
        wrong.push(`${id}: ${compiled.diagnostics[0]?.message}`);
        continue;
      }
      const [row] = await huntRows(engine.database, compiled.statement, { database });
      const [own] = readSigma(rule).rules;
      if (own === undefined) continue;
      const expected = events.filter(
        (event) => isOfSource(own, event) !== false && matchesRule(own, event),
      ).length;
      if (Number(row?.[0]) !== expected || expected === 0)
        wrong.push(`${id} ${conversion.title}: ${row?.[0]} rows, ${expected} events`);
    }
    expect(wrong).toEqual([]);
    // Whether a loaded image was signed has no column in its table.
    expect(refused).toEqual(['Signed']);
    expect(cases.length).toBeGreaterThan(100);
  }, 120_000);
});

/** One object, a list, or one object after another. */
function jsonObjects(text: string): readonly Record<string, unknown>[] {
  try {
    const value: unknown = JSON.parse(text);
    return (Array.isArray(value) ? value : [value]) as Record<string, unknown>[];
  } catch {
    return text.split(/(?<=^\})\s*(?=^\{)/m).map((each) => JSON.parse(each) as Record<string, unknown>);
  }
}

/** The members of an event as Sigma names them. */
function flatEvents(text: string): readonly Event[] {
  return jsonObjects(text).map((each) => {
    const root = each['Event'] as {
      System: Record<string, unknown>;
      EventData?: Record<string, unknown>;
      UserData?: Record<string, unknown>;
    };
    const provider = (root.System['Provider'] as { '#attributes'?: { Name?: string } })['#attributes']?.Name;
    const id = root.System['EventID'];
    const flat: Record<string, string> = {
      Channel: String(root.System['Channel']),
      EventID: String(typeof id === 'object' && id !== null ? (id as Record<string, unknown>)['#text'] : id),
      Provider_Name: provider ?? '',
    };
    for (const [name, value] of Object.entries(root.EventData ?? root.UserData ?? {})) {
      if (value !== null && value !== '-') flat[name] = String(value);
    }
    return flat;
  });
}
