import { call, count, float64, int64, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { SQL_TYPE } from '../../clickhouse/types.ts';
import type { KqlType } from '../../model/kql-type.ts';
import type { Literal } from '../plan/expression.ts';

/** A constant as SQL, of the type that `clickhouse/types.ts` gives (not Nullable unless it is null). */
export function literalSql(type: KqlType, value: Literal['value']): Sql {
  if (value === null) return type === 'string' || type === 'dynamic' ? text('') : nullOf(type);
  switch (type) {
    case 'bool':
      return value === true ? sql`true` : sql`false`;
    case 'int':
      return call('toInt32', int64(value as bigint));
    case 'long':
    case 'timespan':
      return int64(value as bigint);
    case 'real':
      return float64(Number(value));
    case 'decimal':
      return call('toDecimal256', text(String(value)), count(28));
    case 'datetime':
      return datetime(value as bigint);
    case 'guid':
      return call('toUUID', text(String(value)));
    case 'string':
    case 'dynamic':
      return text(String(value));
  }
}

/** NULL of a type; '' where the type has none. */
export function nullOf(type: KqlType): Sql {
  if (type === 'string' || type === 'dynamic') return text('');
  return sql`CAST(NULL, ${text(SQL_TYPE[type])})`;
}

/** The epoch's day count plus a clock does not lose ticks, and folds to a constant that the primary key can use. */
function datetime(ticks: bigint): Sql {
  return sql`reinterpret(${int64(ticks)}, ${text("DateTime64(7, 'UTC')")})`;
}
