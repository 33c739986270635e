import { randomUUID } from 'node:crypto';
import { createReadStream, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { loadConfig } from '../src/config/load.ts';
import { startServer } from '../src/main.ts';
import { background } from './background/background.ts';

/** The folder with recorded attacks and public queries: `SPOOR_SHARED`, or a sibling of the checkout. */
export const SHARED = process.env['SPOOR_SHARED'] ?? join(process.cwd(), '..', 'shared');
const TELEMETRY = join(SHARED, 'telemetry');
const DELIVERIES = 10;
const QUERY_MS = 20_000;
const MOST_ROWS = 100_000;

export interface Archive {
  readonly name: string;
  /** Holds its events alone. */
  readonly tenant: string;
}

export interface RuleBench {
  readonly archives: readonly Archive[];
  /** Stored, of all archives. */
  readonly events: number;
  /** Holds the events of all archives. */
  readonly all: string;
  /** Holds the generated events. */
  readonly background: string;
  readonly backgroundEvents: number;
  /** Of the generated events, those that resemble the attack of a rule, by the rule's name. */
  readonly lookAlikes: ReadonlyMap<string, number>;
  /** Rows of a query as a rule would run it, at most 100,000. Throws `RequestError` where it is refused or takes too long. */
  count(tenant: string, query: string): Promise<number>;
  /** True where it gives a row. Throws as `count` does. */
  finds(tenant: string, query: string): Promise<boolean>;
  stop(): Promise<void>;
}

/** A server with every archive, each in a tenant of its own and all in one, and a background in another. */
export async function openRuleBench(options: {
  readonly archives: boolean;
  readonly backgroundEvents: number;
}): Promise<RuleBench> {
  if (options.archives && !existsSync(TELEMETRY)) {
    throw new Error(`${TELEMETRY} is missing: set SPOOR_SHARED to the folder that holds telemetry/`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'spoor-rules-'));
  const config = loadConfig({
    flags: { dataDir: folder, port: '0' },
    env: { SPOOR_QUOTAS: 'unlimited', SPOOR_LOOKBACK: 'unlimited', SPOOR_LOG_LEVEL: 'error' },
  });
  const server = await startServer(config, { sample: false, rules: false });
  const store = async (tenant: string, name: string, body: Readable, rebase: boolean): Promise<number> => {
    const signal = new AbortController().signal;
    const delivery = { tenant, format: 'auto', table: undefined, idempotencyKey: undefined } as const;
    const counts = await server.ingest.ingestStream({ ...delivery, name, body, rebase, signal });
    if (counts.skipped + counts.rejected > 0) {
      console.error(`${name}: not all stored: ${JSON.stringify(counts.reasons)}`);
    }
    return counts.stored;
  };

  const all = randomUUID();
  const archives: Archive[] = [];
  let events = 0;
  for (const file of (options.archives ? readdirSync(TELEMETRY) : []).sort()) {
    if (!file.endsWith('.zip')) continue;
    const archive = { name: file.replace(/\.zip$/, ''), tenant: randomUUID() };
    const body = () => createReadStream(join(TELEMETRY, file));
    const [stored] = await Promise.all([
      store(archive.tenant, archive.name, body(), true),
      store(all, archive.name, body(), true),
    ]);
    archives.push(archive);
    events += stored;
  }
  console.error(`${events} recorded events stored`);

  const { pieces, lookAlikes } = background(options.backgroundEvents, Date.now());
  const iterator = pieces[Symbol.iterator]();
  let backgroundEvents = 0;
  for (let n = 0; n < DELIVERIES; n++) {
    const own = upTo(iterator, Math.ceil(options.backgroundEvents / DELIVERIES / 5000));
    backgroundEvents += await store(server.tenant, `background-${n}`, Readable.from(own), false);
  }
  console.error(`${backgroundEvents} background events stored`);
  const count = async (tenant: string, query: string, maxRows: number): Promise<number> => {
    const signal = AbortSignal.timeout(QUERY_MS);
    const call = { tenant, query, nowMs: Date.now(), maxRows, signal };
    let rows = 0;
    for await (const batch of (await server.detection.runParts.query(call)).batches) rows += batch.length;
    return rows;
  };
  return {
    archives,
    events,
    all,
    background: server.tenant,
    backgroundEvents,
    lookAlikes,
    count: (tenant, query) => count(tenant, query, MOST_ROWS),
    finds: async (tenant, query) => (await count(tenant, query, 1)) > 0,
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The next so many pieces; the iterator stays open. */
function* upTo(iterator: Iterator<string>, pieces: number): Iterable<string> {
  for (let n = 0; n < pieces; n++) {
    const next = iterator.next();
    if (next.done === true) return;
    yield next.value;
  }
}

/** Three at a time; the results in the order of the items. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const left = [...items.entries()];
  const results = new Map<number, Result>();
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      results.set(next[0], await work(next[1]));
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
