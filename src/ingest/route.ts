import { type Catalog, type CatalogTable, findTable, storageOf } from '../catalog/catalog.ts';
import { parseExact } from '../model/exact-json.ts';
import { ProcessMemory } from './mappings/process-memory.ts';
import { readWindowsEvent } from './mappings/windows-event.ts';
import type { Outcome } from './row.ts';
import { guessTable } from './table-guess.ts';
import { type TableRows, tableRows } from './table-rows.ts';
import { windowsRows } from './windows-rows.ts';

export const INGEST_FORMATS = ['auto', 'records', 'csv', 'windows'] as const;
export type IngestFormat = (typeof INGEST_FORMATS)[number];

/** Tells what each event of one file becomes. Remembers processes, so it is made anew for each file. */
export interface Router {
  /** Calls `take` once per event in the value: a wrapper of records holds many. */
  value(value: unknown, text: string, take: (outcome: Outcome) => void): void;
  /** A row of named cells, as CSV has them. */
  cells(row: Readonly<Record<string, string>>): Outcome;
}

export interface RouteOptions {
  readonly format: IngestFormat;
  /** The table of rows that do not name theirs. */
  readonly table: CatalogTable | undefined;
  /** Added to every moment. */
  readonly shiftMs: number;
}

/** Prepares everything that files share. Costs a few milliseconds: make it once. */
export function createRouting(catalog: Catalog): (options: RouteOptions) => Router {
  const windows = windowsRows(catalog);
  const guess = guessTable(catalog);
  const makers = new Map<string, TableRows>();
  const rowsOf = (table: CatalogTable): TableRows => {
    let maker = makers.get(table.name);
    if (maker === undefined) {
      maker = tableRows(table, storageOf(catalog, table));
      makers.set(table.name, maker);
    }
    return maker;
  };
  return ({ format, table, shiftMs }) => {
    const memory = new ProcessMemory();
    let position = 0;

    const plainRow = (row: Members): Outcome => {
      const target = table ?? guess(row);
      return target === undefined
        ? { kind: 'rejected', reason: 'unknown table' }
        : rowsOf(target)(row, shiftMs);
    };
    const record = (category: string, properties: unknown): Outcome => {
      const name = category.replace(/^AdvancedHunting-/i, '');
      const target = findTable(catalog, name);
      if (target === undefined) return { kind: 'skipped', reason: `unmapped: table ${name.slice(0, 100)}` };
      if (!isMembers(properties)) return { kind: 'rejected', reason: 'no properties' };
      return rowsOf(target)(properties, shiftMs);
    };
    const object = (value: Members): Outcome => {
      if (format !== 'windows') {
        const category = value['category'];
        if (typeof category === 'string' && 'properties' in value)
          return record(category, value['properties']);
      }
      if (format === 'records') return { kind: 'rejected', reason: 'not a record' };
      if (format === 'windows' || table === undefined) {
        const event = readWindowsEvent(value);
        if (event !== undefined) return windows(event, position, memory, shiftMs);
        if (format === 'windows') return { kind: 'rejected', reason: 'not a Windows event' };
      }
      return plainRow(value);
    };
    const one = (value: unknown): Outcome => {
      position++;
      if (!isMembers(value)) return { kind: 'rejected', reason: 'not an object' };
      try {
        return object(value);
      } catch (error) {
        if (error instanceof RangeError) return { kind: 'rejected', reason: 'nested too deeply' };
        throw error;
      }
    };
    return {
      value(value, text, take) {
        // Digits matter in rows; the numbers of Windows events are small or text.
        const windowsForm = isMembers(value) && ('EventID' in value || 'Event' in value);
        const exact = !windowsForm && LONG_NUMBER.test(text) ? parseExact(text) : value;
        const records = isMembers(exact) && !('category' in exact) ? exact['records'] : undefined;
        const items = Array.isArray(records) ? records : Array.isArray(exact) ? exact : undefined;
        if (items === undefined) take(one(exact));
        else for (const item of items) take(one(item));
      },
      cells(row) {
        position++;
        return plainRow(row);
      },
    };
  };
}

const LONG_NUMBER = /[:,[]\s*-?\d{16}/;

type Members = Readonly<Record<string, unknown>>;

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
