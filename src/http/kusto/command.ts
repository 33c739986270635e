import type { CatalogTable } from '../../catalog/catalog.ts';
import type { Caller } from '../../model/caller.ts';
import { DATABASE, isHuntingDatabase } from '../../model/hunting-database.ts';
import type { KqlType } from '../../model/kql-type.ts';
import type { Column } from '../../model/table-schema.ts';
import type { AppDeps } from '../deps.ts';
import { badRequest } from './bad-request.ts';
import { matchCommand, readCommand, type Word } from './command-text.ts';
import { unknownDatabase } from './database.ts';
import type { KustoRequest } from './request.ts';
import { rowsToAskFor } from './rows-asked.ts';
import { cslSchema, databasesSchema, orderedColumns, SYSTEM_TYPES } from './schema-json.ts';
import { fixedTable, type KustoTables } from './table.ts';

/** The answer of a command: columns as `name` (text) or `name:type`. */
interface Answer {
  readonly columns: string;
  readonly rows: readonly (readonly unknown[])[];
}

/** What commands show. */
interface Shown extends Pick<AppDeps, 'catalog' | 'address' | 'version'> {
  readonly functions: Awaited<ReturnType<AppDeps['functions']['list']>>;
}

type FunctionRecord = Shown['functions'][number];

type Show = (shown: Shown, words: readonly Word[]) => Answer;

/**
 * DATA: the commands that clients send by themselves, to connect, to complete names and to check their health. `<db>`
 * is the database, `<dbs>` a list of them, `<table>` a table.
 * Source: https://learn.microsoft.com/kusto/management/
 */
const COMMANDS: Readonly<Record<string, Show>> = {
  'show databases': databases,
  'show database': databases,
  'show databases details': databases,
  'show databases schema': schemaRows,
  'show database schema': schemaRows,
  'show database <db> schema': schemaRows,
  'show databases <names> schema': schemaRows,
  'show databases schema as json': schemaJson,
  'show database schema as json': schemaJson,
  'show database <db> schema as json': schemaJson,
  'show databases <names> schema as json': schemaJson,
  'show schema': schemaRows,
  'show schema as json': schemaJson,
  'show cluster schema as json': schemaJson,
  'show database cslschema': cslSchemas,
  'show database <db> cslschema': cslSchemas,
  'show databases entities': entities,
  'show database entities': entities,
  'show database <db> entities': entities,
  'show tables': ({ catalog }) => tableRows([...catalog.tables.values()]),
  'show tables <names>': (shown, [names]) =>
    tableRows((names?.names ?? []).map((name) => tableOf(shown, name))),
  'show table <table>': (shown, [name]) => tableRows([tableOf(shown, name?.text)]),
  'show table <table> cslschema': (shown, [name]) => cslRows([tableOf(shown, name?.text)]),
  'show table <table> schema as json': (shown, [name]) => tableJson(tableOf(shown, name?.text)),
  'show functions': ({ functions }) => functionRows(functions),
  'show function <name>': (shown, [name]) => functionRows([functionOf(shown, name?.text)]),
  'show materialized-views': () => ({
    columns: 'Name SourceTable Query MaterializedTo:datetime IsHealthy:bool IsEnabled:bool Folder DocString',
    rows: [],
  }),
  'show external tables': () => ({
    columns: 'TableName TableType Folder DocString Properties ConnectionStrings:dynamic Partitions:dynamic',
    rows: [],
  }),
  'show version': ({ version }) => ({
    columns: 'BuildVersion BuildTime:datetime ServiceType ProductVersion ServiceOffering',
    rows: [[version, null, 'Engine', `Spoor ${version}`, '{"Type":"Spoor"}']],
  }),
  'show cluster': ({ address }) => ({
    columns: 'NodeId Address Name StartTime:datetime IsAdmin:bool ProcessorCount:int',
    rows: [['0', address.primary(), 'spoor', null, false, null]],
  }),
};

/**
 * The tables of a management command's answer. Query operators behind it run over its rows. Rejects with `BadRequest`
 * (400) for a command that is not answered.
 */
export async function answerCommand(
  deps: AppDeps,
  caller: Caller,
  asked: KustoRequest,
  signal: AbortSignal,
): Promise<KustoTables> {
  const { words, rest } = readCommand(asked.text);
  const functions = await deps.functions.list(caller.tenant);
  const { columns, rows } = show({ ...deps, functions }, words);
  if (rest === '') return { tables: [fixedTable(columns, rows)], close: () => undefined };
  const hunt = await deps.openHunt({
    caller,
    query: `${asDatatable(columns, rows)}\n${rest}`,
    signal,
    nowTicks: asked.options.nowTicks,
    timeoutMs: asked.options.timeoutMs,
  });
  const table = { columns: hunt.columns, start: () => hunt.run(rowsToAskFor(asked)) };
  return { tables: [table], close: hunt.close };
}

function show(shown: Shown, words: readonly Word[]) {
  for (const [pattern, answer] of Object.entries(COMMANDS)) {
    const taken = matchCommand(words, pattern);
    if (taken === undefined) continue;
    if (/<db>|databases <names>/.test(pattern)) checkDatabases(taken);
    const { columns, rows } = answer(shown, taken);
    return { columns: columns.split(' ').map(columnOf), rows };
  }
  const texts = words.map(({ text, names }) => (names === undefined ? text : `(${names.join(', ')})`));
  throw badRequest(`the management command '.${texts.join(' ').slice(0, 200)}' is not supported`);
}

function columnOf(text: string): Column {
  const [name = '', type = 'string'] = text.split(':');
  return { name, type: type as KqlType };
}

function checkDatabases(words: readonly Word[]): void {
  for (const name of words.flatMap(({ text, names }) => names ?? [text])) {
    if (!isHuntingDatabase(name) || name === '') throw unknownDatabase(name);
  }
}

function tableOf({ catalog }: Shown, name: string | undefined): CatalogTable {
  const asked = name ?? '';
  const table = catalog.tables.get(catalog.tableAliases.get(asked) ?? asked);
  if (table === undefined) throw badRequest(`Table '${asked.slice(0, 128)}' could not be found`);
  return table;
}

function functionOf({ functions }: Shown, name: string | undefined): FunctionRecord {
  const found = functions.find((each) => each.name === name);
  if (found === undefined) throw badRequest(`Function '${(name ?? '').slice(0, 128)}' could not be found`);
  return found;
}

function functionRows(functions: readonly FunctionRecord[]): Answer {
  return {
    columns: 'Name Parameters Body Folder DocString',
    rows: functions.map(({ name, parameters, body, folder, docstring }) => [
      name,
      parameters,
      `{${body}}`,
      folder,
      docstring,
    ]),
  };
}

function databases(): Answer {
  return {
    columns:
      'DatabaseName PersistentStorage Version IsCurrent:bool DatabaseAccessMode PrettyName ' +
      'ReservedSlot1:bool DatabaseId:guid InTransitionTo',
    rows: [[DATABASE, '', 'v1.0', true, 'ReadOnly', '', true, '00000000-0000-0000-0000-000000000001', '']],
  };
}

function schemaRows({ catalog }: Shown): Answer {
  const head = [DATABASE, null, null, null, false, false, null, 'v1.0', null, null];
  return {
    columns:
      'DatabaseName TableName ColumnName ColumnType IsDefaultTable:bool IsDefaultColumn:bool PrettyName Version ' +
      'Folder DocString',
    rows: [
      head,
      ...[...catalog.tables.values()].flatMap(({ name, area, description, columns }) => [
        [DATABASE, name, null, null, false, false, null, null, area, description],
        ...columns.map((column) => [
          DATABASE,
          name,
          column.name,
          SYSTEM_TYPES[column.type],
          false,
          false,
          null,
          null,
          area,
          column.description,
        ]),
      ]),
    ],
  };
}

function schemaJson({ catalog, functions }: Shown): Answer {
  return { columns: 'DatabaseSchema', rows: [[JSON.stringify(databasesSchema(catalog, functions))]] };
}

function cslSchemas({ catalog }: Shown): Answer {
  return cslRows([...catalog.tables.values()]);
}

function cslRows(tables: readonly CatalogTable[]): Answer {
  return {
    columns: 'TableName Schema DatabaseName Folder DocString',
    rows: tables.map((table) => [table.name, cslSchema(table), DATABASE, table.area, table.description]),
  };
}

function tableRows(tables: readonly CatalogTable[]): Answer {
  return {
    columns: 'TableName DatabaseName Folder DocString',
    rows: tables.map(({ name, area, description }) => [name, DATABASE, area, description]),
  };
}

function tableJson(table: CatalogTable): Answer {
  const schema = { Name: table.name, OrderedColumns: orderedColumns(table) };
  return {
    columns: 'TableName Schema DatabaseName Folder DocString',
    rows: [[table.name, JSON.stringify(schema), DATABASE, table.area, table.description]],
  };
}

function entities({ catalog, functions }: Shown): Answer {
  return {
    columns: 'DatabaseName EntityType EntityName DocString Folder CslInputSchema Content CslOutputSchema',
    rows: [
      ...[...catalog.tables.values()].map((table) => [
        DATABASE,
        'Table',
        table.name,
        table.description,
        table.area,
        '',
        '',
        cslSchema(table),
      ]),
      ...functions.map(({ name, parameters, body, folder, docstring }) => [
        DATABASE,
        'Function',
        name,
        docstring,
        folder,
        parameters,
        `{${body}}`,
        '',
      ]),
    ],
  };
}

/** The rows as a query that yields them. */
function asDatatable(columns: readonly Column[], rows: readonly (readonly unknown[])[]): string {
  const literal = (value: unknown, type: KqlType): string => {
    if (type === 'string') return JSON.stringify(value ?? '');
    if (value === null || value === undefined) return `${type}(null)`;
    return type === 'dynamic' ? `dynamic(${String(value)})` : `${type}(${String(value)})`;
  };
  const schema = columns.map(({ name, type }) => `${name}:${type}`).join(', ');
  const cells = rows.flatMap((row) => columns.map(({ type }, place) => literal(row[place], type)));
  return `datatable(${schema})[${cells.join(', ')}]`;
}
