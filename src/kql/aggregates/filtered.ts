import { call, joinSql, type Sql, sql } from '../../clickhouse/sql.ts';
import { type Argument, ArgumentFault, type CallContext } from '../functions/registry.ts';
import type { Aggregation } from './registry.ts';

/** Makes the text of an aggregation over the rows where `where` is true; without it over all rows. */
export type AggregationSql = (args: readonly Argument[], where: Sql | undefined, context: CallContext) => Sql;

/** The aggregation as such. */
export function overAll(make: AggregationSql): Aggregation['sql'] {
  return (args, context) => make(args, undefined, context);
}

/** Its `...if` form, whose predicate is the argument at `place`. A null predicate counts as false. */
export function overSome(make: AggregationSql, place: number): Aggregation['sql'] {
  return (args, context) => {
    const predicate = argumentAt(args, place);
    const rest = args.filter((_, i) => i !== place);
    return make(rest, isTrue(predicate), context);
  };
}

/** A call of an aggregate of the engine, with its filter if there is one. `parameters` are constants. */
export function engineAggregate(
  name: string,
  parameters: readonly Sql[],
  args: readonly Sql[],
  where: Sql | undefined,
): Sql {
  const filtered = where === undefined ? name : `${name}If`;
  const all = where === undefined ? args : [...args, where];
  if (parameters.length === 0) return call(filtered, ...all);
  return sql`${call(filtered, ...parameters)}(${joinSql(all, ', ')})`;
}

/** How many rows the aggregate sees: those where the filter holds and `argument` is not null. */
export function countOf(argument: Argument, where: Sql | undefined): Sql {
  return engineAggregate('count', [], argument.nullable ? [argument.sql] : [], where);
}

/** Both conditions, or the one there is. */
export function both(first: Sql | undefined, second: Sql | undefined): Sql | undefined {
  if (first === undefined) return second;
  return second === undefined ? first : joinSql([first, second], ' AND ');
}

export function argumentAt(args: readonly Argument[], place: number): Argument {
  const argument = args[place];
  if (argument === undefined) throw new ArgumentFault(`argument ${place + 1} is missing`);
  return argument;
}

function isTrue(predicate: Argument): Sql {
  return predicate.nullable ? sql`ifNull(${predicate.sql}, false)` : predicate.sql;
}
