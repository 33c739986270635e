import { randomBytes, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { createDatabase, tenantDatabase } from '../catalog/ddl.ts';
import type { Database } from '../clickhouse/database.ts';
import {
  countWatchlistRows,
  createWatchlistTable,
  dropWatchlistTable,
  listOldWatchlistTables,
  WATCHLIST_PREFIX,
} from '../clickhouse/watchlist-table.ts';
import type { Clock } from '../model/clock.ts';
import { WATCHLIST_COLUMNS } from '../model/library.ts';
import { RequestError } from '../model/request-error.ts';
import { deleteWatchlist, listWatchlists, putWatchlist, type WatchlistRecord } from '../store/library.ts';
import type { Store } from '../store/store.ts';

export interface WatchlistParts {
  readonly store: Store;
  readonly database: Pick<Database, 'command' | 'insert' | 'rows'>;
  readonly clock: Clock;
  /** To be called once a table was made or dropped. */
  readonly forgetTables: () => void;
}

export interface WatchlistInput {
  readonly alias: string;
  /** For people; the alias where there is none. */
  readonly name: string | undefined;
  /** The column that `SearchKey` repeats; the first where none is named. */
  readonly searchKey: string | undefined;
  /** CSV in UTF-8, its first line the columns' names. */
  readonly body: Readable;
}

/** Lists that a tenant's administrators upload for queries to join with. */
export interface Watchlists {
  list(tenant: string): Promise<readonly WatchlistRecord[]>;
  /** Replaces the whole list at once: a query sees the old items or the new. Rejects with `InvalidInput` (400). */
  put(tenant: string, input: WatchlistInput): Promise<WatchlistRecord>;
  /** Rejects with `ResourceNotFound` (404). */
  remove(tenant: string, alias: string): Promise<void>;
}

const MAX_COLUMNS = 500;
const MAX_ROWS = 10_000_000;
const BATCH_ROWS = 10_000;
const BATCH_CHARS = 8 * 1024 * 1024;
/** A query that was compiled before a list was replaced may still read the old items for so long. */
const KEEP_OLD_MS = 120_000;

export function createWatchlists(parts: WatchlistParts): Watchlists {
  const { store, database, clock } = parts;

  async function drop(tenant: string, table: string): Promise<void> {
    await database.command(dropWatchlistTable(tenantDatabase(tenant), table));
    parts.forgetTables();
  }

  function dropLater(tenant: string, table: string): void {
    // What cannot be dropped then is when the next list is uploaded.
    setTimeout(() => void drop(tenant, table).catch(() => undefined), KEEP_OLD_MS).unref();
  }

  async function dropForgotten(tenant: string): Promise<void> {
    const used = new Set((await listWatchlists(store.db, tenant)).map(({ table }) => table));
    const old = await database.rows<{ name: string }>(listOldWatchlistTables(tenantDatabase(tenant)));
    for (const { name } of old) if (!used.has(name)) await drop(tenant, name);
  }

  async function fill(tenant: string, table: string, input: WatchlistInput, now: Date) {
    const where = tenantDatabase(tenant);
    const updated = now.toISOString().replace('T', ' ').replace('Z', '');
    let columns: readonly string[] | undefined;
    let searchKey = '';
    let keyPlace = 0;
    let rows = 0;
    let lines: string[] = [];
    let chars = 0;
    const flush = async (): Promise<void> => {
      if (columns === undefined || lines.length === 0) return;
      const all = [...WATCHLIST_COLUMNS, ...columns];
      await database.insert({ database: where, table, columns: all, body: Buffer.from(lines.join('\n')) });
      lines = [];
      chars = 0;
    };
    for await (const record of records(input.body)) {
      if (columns === undefined) {
        columns = columnsOf(record);
        searchKey = input.searchKey ?? columns[0] ?? '';
        keyPlace = columns.indexOf(searchKey);
        if (keyPlace < 0) throw invalid(`the list has no column \`${searchKey}\``);
        const typed = [...WATCHLIST_COLUMNS, ...columns].map((name) => ({
          name,
          type: name === 'LastUpdatedTimeUTC' ? ('datetime' as const) : ('string' as const),
        }));
        await database.command(createDatabase(where));
        await database.command(createWatchlistTable(where, table, typed));
        continue;
      }
      if (++rows > MAX_ROWS) throw invalid(`a watchlist has at most ${MAX_ROWS} rows`);
      const line = JSON.stringify([randomUUID(), updated, record[keyPlace] ?? '', ...record]);
      lines.push(line);
      chars += line.length;
      if (lines.length >= BATCH_ROWS || chars >= BATCH_CHARS) await flush();
    }
    await flush();
    if (columns === undefined) throw invalid('the list has no line of column names');
    const [stored] = await database.rows<{ rows: string }>(countWatchlistRows(where, table));
    if (Number(stored?.rows) !== rows) throw new Error(`${stored?.rows} of ${rows} items are stored`);
    return { columns, searchKey, rows };
  }

  return {
    list: (tenant) => listWatchlists(store.db, tenant),
    async put(tenant, input) {
      if (!/^[^\p{Cc}"']{1,64}$/u.test(input.alias)) throw invalid('`alias` is a short text without quotes');
      await dropForgotten(tenant);
      const table = `${WATCHLIST_PREFIX}${randomBytes(8).toString('hex')}`;
      const now = new Date(clock.nowMs());
      let filled: Awaited<ReturnType<typeof fill>>;
      try {
        filled = await fill(tenant, table, input, now);
      } catch (error) {
        await drop(tenant, table);
        throw error;
      }
      const before = await find(store, tenant, input.alias);
      const { alias, name = alias } = input;
      const record = { alias, name, table, ...filled, updatedAt: now.toISOString() };
      await putWatchlist(store.db, tenant, record);
      parts.forgetTables();
      if (before) dropLater(tenant, before.table);
      return record;
    },
    async remove(tenant, alias) {
      const found = await find(store, tenant, alias);
      if (!found || !(await deleteWatchlist(store.db, tenant, alias)))
        throw new RequestError('ResourceNotFound', 404, 'Resource watchlist was not found');
      dropLater(tenant, found.table);
    },
  };
}

async function find(store: Store, tenant: string, alias: string): Promise<WatchlistRecord | undefined> {
  const all = await listWatchlists(store.db, tenant);
  return all.find((one) => one.alias.toLowerCase() === alias.toLowerCase());
}

async function* records(body: Readable): AsyncGenerator<readonly string[]> {
  const parser = parse({ bom: true, skip_empty_lines: true });
  body.on('error', (error) => parser.destroy(error));
  try {
    for await (const record of body.pipe(parser)) yield record as string[];
  } catch (error) {
    const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
    if (typeof code === 'string' && code.startsWith('CSV_'))
      throw invalid(`the list is no CSV: ${(error as Error).message}`);
    throw error;
  }
}

function columnsOf(header: readonly string[]): readonly string[] {
  const names = header.map((name) => name.trim());
  const taken = new Set<string>(WATCHLIST_COLUMNS);
  if (names.length > MAX_COLUMNS) throw invalid(`a watchlist has at most ${MAX_COLUMNS} columns`);
  for (const name of names) {
    if (!/^[^\p{Cc}'"\\`[\]]{1,128}$/u.test(name))
      throw invalid(
        'each column has a name of up to 128 characters, without quotes, brackets and backslashes',
      );
    if (taken.has(name)) throw invalid(`the column \`${name}\` is there twice`);
    taken.add(name);
  }
  return names;
}

function invalid(message: string): RequestError {
  return new RequestError('InvalidInput', 400, `Invalid input: ${message}`);
}
