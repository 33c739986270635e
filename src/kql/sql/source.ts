import { ident, joinSql, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { SQL_TYPE } from '../../clickhouse/types.ts';
import type { Scan, Values } from '../plan/relation.ts';
import { scopePredicate } from './device-scope.ts';
import { printExpression } from './expression.ts';
import { type Building, EMPTY, noRows, type Select } from './select.ts';
import type { StatementContext } from './statement-context.ts';

/** `arrival` narrows the rows of tables of events. */
export function scanSelect(
  relation: Scan,
  context: StatementContext,
  arrival: readonly Sql[],
  building: Building,
): Select {
  if (!relation.stored) return noRows(relation.fields);
  const definitions = new Map<number, Sql>();
  for (const field of relation.fields) {
    definitions.set(field.id, storedColumn(field.column));
    building.indexes.set(field.id, field.indexes);
    if (field.lowCardinality) building.lowCardinality.add(field.id);
  }
  const select = { ...EMPTY, definitions, fields: relation.fields };
  if (relation.shared) return { ...select, from: ident(relation.table) };
  const scope = scopePredicate(relation.belongsTo, context.scope, context);
  return {
    ...select,
    from: sql`${ident(context.database)}.${ident(relation.table)}`,
    where: [...(relation.isReference ? [] : arrival), ...(scope === undefined ? [] : [scope])],
  };
}

/** Arrival numbers are stored unsigned; they never come near where that makes a difference. */
function storedColumn(column: string): Sql {
  return column === '_arrival' ? sql`toInt64(${ident(column)})` : ident(column);
}

export function valuesSelect(relation: Values, building: Building): Select {
  const rows = relation.rows.map((row) => row.map((cell) => printExpression(cell, building).sql));
  const [only] = rows;
  if (only === undefined) return noRows(relation.fields);
  if (rows.length === 1) {
    const definitions = new Map(relation.fields.map((field, i) => [field.id, only[i] as Sql]));
    return { ...EMPTY, definitions, fields: relation.fields, settled: true };
  }
  const structure = relation.fields.map((field) => `c${field.id} ${SQL_TYPE[field.type]}`).join(', ');
  const tuples = rows.map((row) => sql`(${joinSql(row, ', ')})`);
  const from = sql`values(${text(structure)}, ${joinSql(tuples, ', ')})`;
  return { ...EMPTY, from, fields: relation.fields };
}
