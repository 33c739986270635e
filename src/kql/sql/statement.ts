import { ident, joinSql, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { SQL_TYPE } from '../../clickhouse/types.ts';
import type { Field } from '../plan/relation.ts';
import type { Plan } from '../plan/shared.ts';
import { columnName } from './expression.ts';
import { Printer } from './printer.ts';
import type { StatementContext } from './statement-context.ts';

/** The whole statement: one column per visible field, named by its place. */
export function printStatement(plan: Plan, fields: readonly Field[], context: StatementContext): Sql {
  const printer = new Printer(context);
  const outputs = fields.map((field, i) => sql`${outputSql(field)} AS ${ident(`o${i}`)}`);
  const definitions = plan.definitions.map((definition) => {
    const columns = definition.fields.map((field) => columnName(field.id));
    return sql`${ident(definition.name)} AS MATERIALIZED (${printer.render(printer.build(definition.relation), columns)})`;
  });
  const main = printer.render(printer.build(plan.relation), outputs);
  if (definitions.length === 0) return main;
  return sql`WITH ${joinSql(definitions, ', ')} SELECT * FROM (${main})`;
}

/** The cell form that the answer is made of: see docs of compile(). */
function outputSql(field: Field): Sql {
  const column = columnName(field.id);
  // Predicates are UInt8 in the engine; a cell of a bool reads `true`.
  return field.type === 'bool' ? sql`CAST(${column}, ${text(SQL_TYPE.bool)})` : column;
}
