import { type Catalog, type CatalogColumn, findTable, storageOf, storedColumn } from '../catalog/catalog.ts';
import type { KqlType } from '../model/kql-type.ts';
import { cell, EMPTY } from './cell.ts';
import { parseTime, printTime } from './event-time.ts';
import { ACTOR_COLUMNS } from './mappings/actor.ts';
import type { RowMapping } from './mappings/event-mapping.ts';
import { WINDOWS_MAPPINGS } from './mappings/index.ts';
import { OTHER_EVENTS } from './mappings/other.ts';
import type { ProcessFacts, ProcessMemory } from './mappings/process-memory.ts';
import type { WindowsEvent } from './mappings/windows-event.ts';
import type { Layout, Outcome } from './row.ts';

/** Makes rows of the Windows events of one file, in the order of the file. `position` counts events from 1. */
export type WindowsRows = (
  event: WindowsEvent,
  position: number,
  memory: ProcessMemory,
  shiftMs: number,
) => Outcome;

/** Compiles the mappings against the catalogue; throws where a mapping names what the catalogue does not hold. */
export function windowsRows(catalog: Catalog): WindowsRows {
  const layouts = makeLayouts(catalog);
  const mappings = new Map(
    WINDOWS_MAPPINGS.map((mapping) => [`${mapping.source} ${mapping.id}`, compile(mapping, layouts)]),
  );
  const others = new Map(
    Object.entries(OTHER_EVENTS).map(([source, mapping]) => [source, compile(mapping, layouts)]),
  );
  return (event, position, memory, shiftMs) => {
    const mapping = mappings.get(`${event.source} ${event.id}`) ?? others.get(event.source) ?? others.get('');
    if (mapping === undefined) throw new Error('no mapping for other events');
    return mapping(event, position, memory, shiftMs);
  };
}

type Read = (event: WindowsEvent, facts: ProcessFacts, memory: ProcessMemory) => string;
type Printer = (event: WindowsEvent, facts: ProcessFacts, memory: ProcessMemory, shiftMs: number) => string;

/** The columns of the acting process come last: their text is made once per process, not once per event. */
interface TypedLayout extends Layout {
  /** Of the columns in front of the actor's. */
  readonly types: readonly KqlType[];
  readonly actor: readonly CatalogColumn[];
}

/** One layout per table, with the columns that any mapping can fill, so that a table's rows share a block. */
function makeLayouts(catalog: Catalog): ReadonlyMap<string, TypedLayout> {
  const layouts = new Map<string, TypedLayout>();
  for (const name of new Set(WINDOWS_MAPPINGS.map((mapping) => mapping.table))) {
    const table = findTable(catalog, name);
    if (table === undefined) throw new Error(`no table \`${name}\` for a mapping`);
    const stored = storageOf(catalog, table);
    const used = new Set(['Timestamp', ...Object.keys(HOST_COLUMNS), ...Object.keys(ACTOR_COLUMNS)]);
    for (const mapping of WINDOWS_MAPPINGS.filter((each) => each.table === name)) {
      for (const column of Object.keys(mapping.columns)) {
        if (storedColumn(stored, column) !== column) throw new Error(`no column \`${name}.${column}\``);
        if (column in ACTOR_COLUMNS) throw new Error(`\`${column}\` is the actor's`);
        used.add(column);
      }
    }
    const columns = stored.columns.filter((column) => used.has(column.name) && column.storedAs === undefined);
    const own = columns.filter((column) => !(column.name in ACTOR_COLUMNS));
    const actor = columns.filter((column) => column.name in ACTOR_COLUMNS);
    layouts.set(name, {
      table: stored,
      columns: [...own.map((column) => column.name), '_extra', ...actor.map((column) => column.name)],
      types: [...own.map((column) => column.type), 'string'],
      actor,
    });
  }
  return layouts;
}

/** What every device table has. The rest of them (time, action, report) needs more than the event. */
const HOST_COLUMNS: Readonly<Record<string, Read>> = {
  DeviceId: (event, _facts, memory) => memory.deviceId(event.host),
  DeviceName: (event) => event.host.toLowerCase(),
  ActionType: () => '',
  ReportId: () => '',
};

function compile(mapping: RowMapping, layouts: ReadonlyMap<string, TypedLayout>): WindowsRows {
  const layout = layouts.get(mapping.table) as TypedLayout;
  const printers = layout.types.map((type, i) => printer(layout.columns[i] as string, type, mapping));
  const timeAt = layout.columns.indexOf('Timestamp');
  const actionAt = layout.columns.indexOf('ActionType');
  const reportAt = layout.columns.indexOf('ReportId');
  return (event, position, memory, shiftMs) => {
    if (event.host === '') return { kind: 'rejected', reason: 'no host name' };
    const time = parseTime(event.time);
    if (time === undefined) return { kind: 'rejected', reason: 'no time' };
    const account = mapping.account?.(event);
    if (account !== undefined) memory.account(account.user, account.sid);
    const facts = mapping.actor.resolve(event, memory);
    const action = mapping.action.read(event, facts, memory);
    let cells = '';
    for (let i = 0; i < printers.length; i++) {
      if (i > 0) cells += ',';
      if (i === timeAt) cells += `"${printTime(time, shiftMs)}"`;
      else if (i === actionAt) cells += `"${action}"`;
      // Without a record number, the place in the file is as stable.
      else if (i === reportAt) cells += event.record === '' ? position : event.record;
      else cells += (printers[i] as Printer)(event, facts, memory, shiftMs);
    }
    cells += memory.printed(layout, facts, () => actorCells(layout, facts, shiftMs));
    if (mapping.starts !== undefined) memory.started(event.host, mapping.starts(event, facts, memory));
    if (mapping.ends !== undefined) memory.ended(event.host, mapping.ends(event));
    return { kind: 'row', row: { layout, cells, time } };
  };
}

function printer(column: string, type: KqlType, mapping: RowMapping): Printer {
  const source = column === '_extra' ? mapping.extra : mapping.columns[column];
  const host = HOST_COLUMNS[column];
  const empty = EMPTY[type];
  const read: Read | undefined =
    source !== undefined ? (event, actor, memory) => source.read(event, actor, memory) : host;
  if (read === undefined) return () => empty;
  return (event, actor, memory, shiftMs) => {
    const value = read(event, actor, memory);
    return value === '' ? empty : (cell(type, value, shiftMs) ?? empty);
  };
}

function actorCells(layout: TypedLayout, facts: ProcessFacts, shiftMs: number): string {
  let cells = '';
  for (const { name, type } of layout.actor) {
    const value = ACTOR_COLUMNS[name]?.(facts) ?? '';
    cells += `,${value === '' ? EMPTY[type] : (cell(type, value, shiftMs) ?? EMPTY[type])}`;
  }
  return cells;
}
