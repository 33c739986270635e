import { joinSql, type Sql, sql } from '../../clickhouse/sql.ts';
import type { Expression } from '../plan/expression.ts';
import type { Field, Relation, Union } from '../plan/relation.ts';
import { columnName, printExpression } from './expression.ts';
import { type Building, EMPTY, isCut, noRows, type Select } from './select.ts';

export function unionSelect({ inputs, fields }: Union, building: Building): Select {
  if (inputs.length === 0) return noRows(fields);
  const legs = inputs.map((input) => leg(input, fields, building));
  return { ...EMPTY, from: sql`(${joinSql(legs, ' UNION ALL ')})`, fields };
}

/** A leg under the union's names. Its order is nobody's promise, but what a limit keeps depends on it. */
function leg(relation: Relation, fields: readonly Field[], building: Building): Sql {
  const direct = relation.kind === 'project';
  const input = building.build(direct ? relation.input : relation);
  const select = isCut(input) ? input : { ...input, orderBy: [] };
  const outputs = relation.fields.map((field, i) => {
    const target = fields[i] as Field;
    const value = direct
      ? printExpression(relation.expressions[i] as Expression, building)
      : { sql: columnName(field.id), nullable: field.nullable };
    const fits = value.nullable || target.type === 'string' || target.type === 'dynamic';
    return sql`${fits ? value.sql : sql`toNullable(${value.sql})`} AS ${columnName(target.id)}`;
  });
  return building.render(select, outputs);
}
