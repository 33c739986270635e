import type { Budget, Cell, Json } from '../../kql/beside/contract.ts';
import type { StageWork } from '../../kql/index.ts';
import type { Column } from '../../model/table-schema.ts';
import type { LocalFile } from '../beside/local-file.ts';
import { contentsOf } from './contents.ts';
import { DIALECTS, delimitedRecords, lines } from './delimited.ts';
import { jsonLines, multiJson } from './json-records.ts';
import { parquetRecords } from './parquet.ts';

type External = Extract<StageWork, { kind: 'external' }>;
type Mapped = NonNullable<External['options']['mapping']>[number];

export interface ExternalRead extends Pick<External, 'format' | 'options'> {
  readonly files: readonly LocalFile[];
  /** Strings of text formats, dynamics of the others. */
  readonly columns: readonly Column[];
}

/** The rows of all files, one after the other. Throws `ProgramFault` where a file is not what it should be. */
export async function* readExternalRows(read: ExternalRead, budget: Budget): AsyncGenerator<readonly Cell[]> {
  for (const { url, path } of read.files) {
    for (const content of await contentsOf(path, url)) yield* rowsOf(content, read, budget);
  }
}

async function* rowsOf(content: Buffer, read: ExternalRead, budget: Budget): AsyncGenerator<readonly Cell[]> {
  const { format, options, columns } = read;
  if (format === 'parquet') {
    for (const record of await parquetRecords(content)) yield fromJson(record, read);
    return;
  }
  const text = textOf(content);
  if (format === 'json' || format === 'multijson' || format === 'singlejson') {
    const records = format === 'json' ? jsonLines(text, budget) : multiJson(text, budget);
    for (const record of records) yield fromJson(record, read);
    return;
  }
  const records = textRecords(text, format, budget);
  let first = options.ignoreFirstRecord;
  for (const record of records) {
    if (!first) yield columns.map((column, i) => textCell(record, column, i, options.mapping));
    first = false;
  }
}

function* textRecords(text: string, format: string, budget: Budget): Generator<readonly string[]> {
  const dialect = DIALECTS[format];
  if (dialect) yield* delimitedRecords(text, dialect, budget);
  else if (format === 'raw') yield [text];
  else for (const line of lines(text, budget)) yield [line];
}

function textCell(
  record: readonly string[],
  column: Column,
  place: number,
  mapping: readonly Mapped[] | undefined,
): string {
  if (mapping === undefined) return record[place] ?? '';
  const mapped = mapping.find((item) => item.column === column.name);
  return mapped?.constant ?? record[mapped?.ordinal ?? -1] ?? '';
}

/** A missing member is null; without a mapping a column reads the member of its name. */
function fromJson(record: Json, { columns, options }: ExternalRead): readonly Cell[] {
  return columns.map(({ name }) => {
    if (options.mapping === undefined) return at(record, [name]);
    const mapped = options.mapping.find((item) => item.column === name);
    if (mapped?.constant !== undefined) return mapped.constant;
    return mapped?.path ? at(record, mapped.path) : null;
  });
}

function at(record: Json, path: readonly (string | number)[]): Json {
  let value: Json | undefined = record;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return null;
    if (Array.isArray(value)) value = typeof step === 'number' ? (value as readonly Json[])[step] : undefined;
    else {
      const members = value as { readonly [key: string]: Json };
      value = Object.hasOwn(members, String(step)) ? members[String(step)] : undefined;
    }
  }
  return value ?? null;
}

/** UTF-8 unless a mark says UTF-16; the mark itself is left out. */
function textOf(content: Buffer): string {
  if (content[0] === 0xff && content[1] === 0xfe) return content.toString('utf16le', 2);
  if (content[0] === 0xfe && content[1] === 0xff) return Buffer.from(content).swap16().toString('utf16le', 2);
  const marked = content[0] === 0xef && content[1] === 0xbb && content[2] === 0xbf;
  return content.toString('utf8', marked ? 3 : 0);
}
