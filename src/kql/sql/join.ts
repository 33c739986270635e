import { joinSql, type Sql, sql } from '../../clickhouse/sql.ts';
import type { KqlType } from '../../model/kql-type.ts';
import type { Expression } from '../plan/expression.ts';
import type { Join, JoinKind, Relation } from '../plan/relation.ts';
import { columnName, type Printed, printExpression } from './expression.ts';
import { literalSql } from './literal.ts';
import { type Building, EMPTY, type Select } from './select.ts';

const JOINS: Readonly<Record<JoinKind, Sql>> = {
  inner: sql`ALL INNER JOIN`,
  left: sql`ALL LEFT JOIN`,
  right: sql`ALL RIGHT JOIN`,
  full: sql`ALL FULL JOIN`,
  leftsemi: sql`LEFT SEMI JOIN`,
  leftanti: sql`LEFT ANTI JOIN`,
  rightsemi: sql`RIGHT SEMI JOIN`,
  rightanti: sql`RIGHT ANTI JOIN`,
};

export function joinSelect(relation: Join, building: Building): Select {
  const on = relation.on.flatMap(({ left, right }) =>
    keyEquality(printedKey(left, building), printedKey(right, building)),
  );
  const fills = {
    left: relation.join === 'right' || relation.join === 'full',
    right: relation.join === 'left' || relation.join === 'full',
  };
  const ordered = relation.keepsOrder === true ? building.wrap(building.build(relation.left)) : undefined;
  const left = ordered?.from ?? side(relation.left, fills.left, building);
  const right = side(relation.right, fills.right, building);
  return {
    ...EMPTY,
    from: sql`${left} AS ${building.fresh('l')} ${JOINS[relation.join]} ${right} AS ${building.fresh('r')} ON ${joinSql(on, ' AND ')}`,
    fields: relation.fields,
    orderBy: ordered?.orderBy ?? [],
  };
}

interface Key extends Printed {
  readonly type: KqlType;
}

function printedKey(expression: Expression, building: Building): Key {
  return { ...printExpression(expression, building), type: expression.type };
}

/**
 * Kusto joins null keys to null keys (measured on the real engine); strings hold no null, so they take the plain form.
 * The engine's own `<=>` hashes keys in tuples: two plain keys, the value and whether there is one, cost less.
 */
function keyEquality(left: Key, right: Key): readonly Sql[] {
  if (!left.nullable || !right.nullable) return [sql`${left.sql} = ${right.sql}`];
  const value = ({ sql: key, type }: Key) => sql`ifNull(${key}, ${literalSql(type, SOME[type])})`;
  return [sql`${value(left)} = ${value(right)}`, sql`isNull(${left.sql}) = isNull(${right.sql})`];
}

/** Any value of a type, to stand where there is none. */
const SOME: Readonly<Record<KqlType, bigint | boolean | number | string>> = {
  bool: false,
  int: 0n,
  long: 0n,
  real: 0,
  decimal: '0',
  string: '',
  datetime: 0n,
  timespan: 0n,
  guid: '00000000-0000-0000-0000-000000000000',
  dynamic: '',
};

/** A side whose missing rows are filled must be able to hold the NULLs. */
function side(relation: Relation, filled: boolean, building: Building): Sql {
  if (!filled) return sql`(${building.relation(relation)})`;
  const wrapped = building.wrap(building.build(relation));
  const outputs = relation.fields.map((field) => {
    const name = columnName(field.id);
    return field.type === 'string' || field.type === 'dynamic' ? name : sql`toNullable(${name}) AS ${name}`;
  });
  return sql`(${building.render({ ...wrapped, orderBy: [] }, outputs)})`;
}
