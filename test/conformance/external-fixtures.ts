import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExternalFiles, ExternalWanted } from '../../src/hunting/external/files.ts';
import { sampleRow } from './sample-rows.ts';

const ROWS = 8;

/** For any URL a small file of our own making, in the format and with the columns that the query declares. */
export function fixtureFiles(folder: string, nowMs: number): ExternalFiles {
  mkdirSync(folder, { recursive: true });
  return {
    find: (urls, _call, wanted) => {
      const files = urls.map((url) => {
        const path = join(
          folder,
          createHash('sha256')
            .update(`${url} ${JSON.stringify(wanted)}`)
            .digest('hex'),
        );
        writeFileSync(path, contentFor(wanted, nowMs));
        return { url, path };
      });
      return Promise.resolve(files);
    },
  };
}

function contentFor({ format, columns, options }: ExternalWanted, nowMs: number): string {
  const records = Array.from({ length: ROWS }, (_, number) => recordFor(columns, number, nowMs));
  const separator = SEPARATORS[format];
  if (separator !== undefined) {
    const head = options.ignoreFirstRecord ? [columns.map((column) => column.name)] : [];
    const cells = records.map((record) => columns.map((column) => String(record[column.name] ?? '')));
    return [...head, ...cells]
      .map((record) => record.map((cell) => quoted(cell, separator)).join(separator))
      .join('\n');
  }
  if (format === 'txt' || format === 'raw') {
    const first = columns[0]?.name ?? '';
    return ['# a heading', ...records.map((record) => String(record[first] ?? ''))].join('\n');
  }
  if (format === 'parquet') throw new Error('no fixture is made in Parquet');
  const placed = records.map((record) => nested(record, options.mapping));
  return format === 'json'
    ? placed.map((record) => JSON.stringify(record)).join('\n')
    : JSON.stringify(placed);
}

const SEPARATORS: Readonly<Record<string, string>> = {
  csv: ',',
  tsv: '\t',
  tsve: '\t',
  psv: '|',
  scsv: ';',
  sohsv: '\u0001',
};

/** Plausible by the column's name, as the rows of the hunting tables are. */
function recordFor(
  columns: ExternalWanted['columns'],
  number: number,
  nowMs: number,
): Record<string, unknown> {
  const table = {
    name: '',
    area: '',
    description: '',
    source: '',
    columnAliases: new Map<string, string>(),
    columns: columns.map(({ name }) => ({
      name,
      type: typeByName(name),
      description: '',
      nullable: true,
      indexes: [],
    })),
  };
  const row = sampleRow(table, number, nowMs);
  return Object.fromEntries(columns.map(({ name }) => [name, row[name]]));
}

function typeByName(name: string): 'datetime' | 'long' | 'string' {
  if (/time|date|modified|created|seen/i.test(name)) return 'datetime';
  return /count|port$|score|asn$|number|priority/i.test(name) ? 'long' : 'string';
}

function quoted(cell: string, separator: string): string {
  return cell.includes(separator) || /["\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function nested(record: Record<string, unknown>, mapping: ExternalWanted['options']['mapping']): object {
  if (mapping === undefined) return record;
  const root: Record<string, unknown> = {};
  for (const { column, path } of mapping) {
    let place = root;
    for (const step of path?.slice(0, -1) ?? []) {
      const inner: Record<string, unknown> = {};
      place[String(step)] ??= inner;
      place = place[String(step)] as Record<string, unknown>;
    }
    const last = path?.at(-1);
    if (last !== undefined) place[String(last)] = record[column];
  }
  return root;
}
