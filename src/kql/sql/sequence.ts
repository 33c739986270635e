import { type Sql, sql, text } from '../../clickhouse/sql.ts';
import type { Field, Sequence } from '../plan/relation.ts';
import { printExpression } from './expression.ts';
import { type Building, EMPTY, type Select } from './select.ts';

export function sequenceSelect(relation: Sequence, building: Building): Select {
  const [field] = relation.fields;
  const from = printExpression(relation.from, building).sql;
  const to = printExpression(relation.to, building).sql;
  const step = printExpression(relation.step, building).sql;
  const index = building.fresh();
  return {
    ...EMPTY,
    from: sql`(SELECT number AS ${index} FROM numbers(toUInt64(greatest(ifNull(${span(field, from, to, step)}, 0), 0))))`,
    definitions: new Map([[field.id, stepped(field, from, step, index)]]),
    fields: relation.fields,
  };
}

/** How many rows a sequence has. */
function span(field: Field, from: Sql, to: Sql, step: Sql): Sql {
  if (field.type === 'real' || field.type === 'decimal') return sql`floor((${to} - ${from}) / ${step}) + 1`;
  if (field.type === 'datetime')
    return sql`intDivOrZero(reinterpretAsInt64(assumeNotNull(${to})) - reinterpretAsInt64(assumeNotNull(${from})), ${step}) + 1`;
  return sql`if(sign(${to} - ${from}) * sign(${step}) < 0, 0, intDivOrZero(${to} - ${from}, ${step}) + 1)`;
}

/** The value at a zero-based place. */
function stepped(field: Field, from: Sql, step: Sql, index: Sql): Sql {
  if (field.type === 'real') return sql`toFloat64(${from} + ${index} * ${step})`;
  if (field.type === 'decimal') return sql`(${from} + ${index} * ${step})`;
  if (field.type === 'datetime') {
    return sql`reinterpret(reinterpretAsInt64(assumeNotNull(${from})) + toInt64(${index}) * assumeNotNull(${step}), ${text("DateTime64(7, 'UTC')")})`;
  }
  return field.type === 'int'
    ? sql`toInt32(${from} + toInt64(${index}) * ${step})`
    : sql`toInt64(${from} + toInt64(${index}) * ${step})`;
}
