import type { KqlType } from '../../../model/kql-type.ts';
import type { TableSchema } from '../../../model/table-schema.ts';
import { aliasColumns } from '../../parse/globals.ts';
import type { Node } from '../../parse/node.ts';
import { callOf, literal } from '../../plan/expression.ts';
import type { Field, Relation, Scan, ScanField } from '../../plan/relation.ts';
import { boundColumns, ENGINE_FIELDS, type LowerContext, refer } from '../context.ts';

/** A stored table, within the look-back window. Columns that only lenient binding knows are hidden. */
export function lowerScan(table: TableSchema, node: Node | undefined, context: LowerContext): Relation {
  const stored = new Map(table.columns.map((column) => [column.name, column]));
  const aliases = aliasColumns(table);
  const fields: ScanField[] = [];
  const columns = node?.bound?.kind === 'table' ? boundColumns(node) : withAliases(table, aliases);
  for (const { name, type } of columns) {
    const column = stored.get(name) ?? stored.get(aliases.get(name) ?? '');
    if (!column) throw new Error(`the catalogue has no column ${table.name}.${name}`);
    const hidden = !stored.has(name);
    fields.push({
      ...context.field(name, type, column.nullable, hidden),
      column: column.name,
      indexes: column.indexes,
      ...(column.lowCardinality === true && column.type === 'string' ? { lowCardinality: true } : {}),
    });
  }
  if (table.isReference)
    return {
      kind: 'scan',
      table: table.name,
      stored: context.existing.has(table.name),
      isReference: true,
      fields,
    };
  for (const { name, type, column } of ENGINE_FIELDS)
    fields.push({ ...context.field(name, type, false, true), column, indexes: [] });
  const scan: Relation = {
    kind: 'scan',
    table: table.name,
    stored: context.existing.has(table.name),
    fields,
    belongsTo: belongsTo(table),
  };
  const { lookbackTicks, interval, runTicks, options } = context;
  const field = (name: string | undefined): Field | undefined => fields.find(({ column }) => column === name);
  const time = field(table.timeColumn);
  const oldest = lookbackTicks === undefined ? undefined : runTicks - lookbackTicks;
  const recent = within(scan, time, oldest, undefined);
  const inside = within(recent, time, interval?.fromTicks, interval?.toTicks);
  const scope = options.timeScope;
  if (!scope) return inside;
  return within(
    inside,
    scope.column === undefined ? time : field(scope.column),
    scope.fromTicks,
    scope.toTicks,
  );
}

/** The rows whose time is inside, both ends included; all where the table has no such column. */
function within(
  rows: Relation,
  time: Field | undefined,
  fromTicks: bigint | undefined,
  toTicks: bigint | undefined,
): Relation {
  if (time?.type !== 'datetime') return rows;
  const bounds = [
    ['>=', fromTicks],
    ['<=', toTicks],
  ] as const;
  return bounds.reduce((input: Relation, [operator, ticks]) => {
    if (ticks === undefined) return input;
    const predicate = callOf(operator, 'bool', refer(time), literal('datetime', ticks));
    return { kind: 'filter', input, fields: input.fields, predicate };
  }, rows);
}

/** Rows with a device are seen by who sees the device; an alert itself names none. The audit log tells of everyone. */
function belongsTo(table: TableSchema): Scan['belongsTo'] {
  if (table.columns.some(({ name }) => name === 'DeviceId')) return 'device';
  if (table.name === 'SpoorAuditEvents') return 'tenant';
  return table.name === 'AlertInfo' ? 'alert' : undefined;
}

/** Where no node says which names it binds, all of them: what nothing reads is pruned. */
function withAliases(
  table: TableSchema,
  aliases: ReadonlyMap<string, string>,
): readonly { readonly name: string; readonly type: KqlType }[] {
  const types = new Map(table.columns.map((column) => [column.name, column.type]));
  const extra = [...aliases].map(([name, target]) => ({ name, type: types.get(target) ?? 'dynamic' }));
  return [...table.columns, ...extra];
}
