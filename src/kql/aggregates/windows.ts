import { count, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { SQL_TYPE } from '../../clickhouse/types.ts';
import { coerce, nullOf } from '../functions/coerce.ts';
import { type Argument, ArgumentFault, type CallContext, type ParamKind } from '../functions/registry.ts';
import { datetimeAt, ticksOf } from '../functions/ticks.ts';
import { argumentAt } from './filtered.ts';

/**
 * A window function as text. It is an expression over the input's columns and those of `layers`. Each layer is a
 * SELECT of its own over the one before: all columns of that one, and those that the layer adds. So
 * `{ layers: [[a], [b]], sql }` prints as
 * `SELECT *, sql AS result FROM (SELECT *, b.sql AS b.name FROM (SELECT *, a.sql AS a.name FROM input))`.
 * Rows come out in any order: whoever needs the input's order sorts by `position` again.
 */
export interface WindowSql {
  readonly layers: readonly (readonly WindowColumn[])[];
  readonly sql: Sql;
}

export interface WindowColumn {
  /** An identifier from `WindowContext.column`. */
  readonly name: Sql;
  readonly sql: Sql;
}

export interface WindowContext extends CallContext {
  /** A column that grows from row to row in the input's order, without ties. It may have gaps. */
  readonly position: Sql;
  /** The window of all rows in the input's order, as it stands behind `OVER`. */
  readonly neighbours: Sql;
  /** A new column name, as an identifier that nothing else in the statement uses. */
  readonly column: () => Sql;
}

/** Conventions as for a scalar function, except that `sql` may ask for columns below it. */
export interface WindowFunction {
  readonly summary: string;
  readonly page: string;
  readonly params?: readonly ParamKind[];
  readonly nulls?: 'args' | 'never' | 'maybe';
  /** It needs `neighbours` only, neither the position nor layers of columns. */
  readonly neighbours?: true;
  readonly sql: (args: readonly Argument[], context: WindowContext) => WindowSql;
}

function rowNumber(args: readonly Argument[], context: WindowContext): WindowSql {
  const [start, restart] = args;
  const groups = groupsOf(restart, context);
  const first = start === undefined ? sql`1` : start.nullable ? sql`ifNull(${start.sql}, 1)` : start.sql;
  const number = sql`row_number() OVER (${within(groups)}ORDER BY ${context.position})`;
  return { layers: layersOf(groups), sql: sql`(toInt64(${number}) + ${first} - 1)` };
}

function cumulativeSum(args: readonly Argument[], context: WindowContext): WindowSql {
  const term = argumentAt(args, 0);
  const groups = groupsOf(args[1], context);
  const sum = sql`ifNull(sum(${term.sql}) OVER (${within(groups)}ORDER BY ${context.position} ${TO_HERE}), 0)`;
  return { layers: layersOf(groups), sql: term.type === 'int' ? sql`toInt32(${sum})` : sum };
}

/** Ranks look only at the change against the row before, so equal values far apart have different ranks. */
function rank(dense: boolean): WindowFunction['sql'] {
  return (args, context) => {
    const term = argumentAt(args, 0);
    const groups = groupsOf(args[1], context);
    const changed: WindowColumn = {
      name: context.column(),
      sql: sql`toUInt8(NOT isNotDistinctFrom(${optional(term)}, ${neighbour('lagInFrame', term, 1, undefined, context)}))`,
    };
    const begins = groups ? sql`(${changed.name} OR ${groups.begins})` : changed.name;
    const run: WindowColumn = {
      name: context.column(),
      sql: sql`sum(${begins}) OVER (ORDER BY ${context.position} ${TO_HERE})`,
    };
    const place: WindowColumn = {
      name: context.column(),
      sql: sql`row_number() OVER (ORDER BY ${context.position})`,
    };
    const [firstLayer = []] = layersOf(groups);
    const layers = [[...firstLayer, changed], dense ? [run] : [run, place]];
    const whole = groups ? sql`(PARTITION BY ${groups.name})` : sql`()`;
    const ranked = dense
      ? sql`(toInt64(${run.name} - min(${run.name}) OVER ${whole}) + 1)`
      : sql`(toInt64(min(${place.name}) OVER (PARTITION BY ${run.name}) - min(${place.name}) OVER ${whole}) + 1)`;
    return { layers, sql: ranked };
  };
}

/** Deprecated: the second argument, a constant, chooses between the two ranks. */
function rankOf(args: readonly Argument[], context: WindowContext): WindowSql {
  return rank(args[1]?.constant === true)(args.slice(0, 1), context);
}

function neighbourAt(side: 'lagInFrame' | 'leadInFrame'): WindowFunction['sql'] {
  return (args, context) => {
    const value = argumentAt(args, 0);
    const offset = args[1] === undefined ? 1n : args[1].constant;
    if (typeof offset !== 'bigint' || offset < 1n || offset > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new ArgumentFault('the offset is a positive constant');
    }
    return { layers: [], sql: neighbour(side, value, Number(offset), args[2], context) };
  };
}

/** Datetime at which the session of the row began. */
function session(args: readonly Argument[], context: WindowContext): WindowSql {
  const time = argumentAt(args, 0);
  const fromFirst = argumentAt(args, 1).sql;
  const between = argumentAt(args, 2).sql;
  const restart = restartOf(args[3]);
  const ticks = ticksOf(time.sql);
  const before = ticksOf(neighbour('lagInFrame', time, 1, undefined, context));
  const apart = sql`ifNull(${ticks} - ${before} >= ${between}, true)`;
  const breaks: WindowColumn = {
    name: context.column(),
    sql: sql`toUInt8(${restart ? sql`(${restart} OR ${apart})` : apart})`,
  };
  const segment: WindowColumn = {
    name: context.column(),
    sql: sql`sum(${breaks.name}) OVER (ORDER BY ${context.position} ${TO_HERE})`,
  };
  const inOrder = sql`PARTITION BY ${segment.name} ORDER BY ${context.position} ${TO_HERE}`;
  const first: WindowColumn = { name: context.column(), sql: sql`first_value(${ticks}) OVER (${inOrder})` };
  const last: WindowColumn = {
    name: context.column(),
    sql: sql`max(${ticks}) OVER (PARTITION BY ${segment.name})`,
  };
  // A segment in which no two neighbours are too far apart is mostly one session. Only where it is not are its rows
  // gone through one by one, each with those before it: the cost grows with the square of the segment's length.
  const long = sql`ifNull(${last.name} - ${first.name} >= ${fromFirst}, false)`;
  const past = sql`groupArrayIf(assumeNotNull(${ticks}), ${long}) OVER (${inOrder})`;
  const began = sql`arrayFold((__start, __t) -> if(ifNull(__t - __start >= ${fromFirst}, false), __t, __start), ${past}, ifNull(${first.name}, 0))`;
  return {
    layers: [[breaks], [segment], [first, last]],
    sql: sql`if(isNull(${time.sql}), NULL, ${datetimeAt(began)})`,
  };
}

const TO_HERE = sql`ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW`;

/** The value so many rows before or after, the default where there is no such row. */
function neighbour(
  side: 'lagInFrame' | 'leadInFrame',
  value: Argument,
  offset: number,
  fallback: Argument | undefined,
  context: WindowContext,
): Sql {
  const other = fallback === undefined ? nullOf(value.type) : coerce(fallback, value.type).sql;
  return side === 'lagInFrame'
    ? sql`lagInFrame(${optional(value)}, ${count(offset)}, ${other}) OVER ${context.neighbours}`
    : sql`leadInFrame(${optional(value)}, ${count(offset)}, ${other}) OVER ${context.neighbours}`;
}

/** In its full type, which can hold the default too: a constant is not Nullable, a stored string is LowCardinality. */
function optional(value: Argument): Sql {
  return sql`CAST(${value.sql}, ${text(SQL_TYPE[value.type])})`;
}

interface Groups extends WindowColumn {
  /** Whether a group begins with the row. */
  readonly begins: Sql;
}

/** Numbers the stretches between restarts; nothing where there can be no restart. */
function groupsOf(restart: Argument | undefined, context: WindowContext): Groups | undefined {
  const begins = restartOf(restart);
  if (begins === undefined) return undefined;
  const number = sql`sum(toUInt8(${begins})) OVER (ORDER BY ${context.position} ${TO_HERE})`;
  return { name: context.column(), sql: number, begins };
}

function restartOf(restart: Argument | undefined): Sql | undefined {
  if (restart === undefined || restart.constant === false) return undefined;
  return restart.nullable ? sql`ifNull(${restart.sql}, false)` : restart.sql;
}

function layersOf(groups: Groups | undefined): readonly (readonly WindowColumn[])[] {
  return groups === undefined ? [] : [[groups]];
}

function within(groups: Groups | undefined): Sql {
  return groups === undefined ? sql`` : sql`PARTITION BY ${groups.name} `;
}

export const WINDOWS: Readonly<Record<string, WindowFunction>> = {
  row_number: {
    summary: 'Place of the row, counted from 1 or a given number.',
    page: 'row-number-function',
    params: ['long', 'bool'],
    nulls: 'never',
    sql: rowNumber,
  },
  row_cumsum: {
    summary: 'Sum of the rows so far.',
    page: 'row-cumsum-function',
    params: ['any', 'bool'],
    nulls: 'never',
    sql: cumulativeSum,
  },
  row_rank: { summary: 'Rank of the row.', page: 'window-functions', nulls: 'never', sql: rankOf },
  row_rank_dense: {
    summary: 'Rank of the row, where ranks have no gaps.',
    page: 'row-rank-dense-function',
    params: ['any', 'bool'],
    nulls: 'never',
    sql: rank(true),
  },
  row_rank_min: {
    summary: 'Rank of the row, where equal rows share the smallest place.',
    page: 'row-rank-min-function',
    params: ['any', 'bool'],
    nulls: 'never',
    sql: rank(false),
  },
  row_window_session: {
    summary: 'When the session of the row began.',
    page: 'row-window-session-function',
    params: ['datetime', 'timespan', 'timespan', 'bool'],
    nulls: 'maybe',
    sql: session,
  },
  prev: {
    summary: 'A value of an earlier row.',
    page: 'prev-function',
    nulls: 'maybe',
    neighbours: true,
    sql: neighbourAt('lagInFrame'),
  },
  next: {
    summary: 'A value of a later row.',
    page: 'next-function',
    nulls: 'maybe',
    neighbours: true,
    sql: neighbourAt('leadInFrame'),
  },
};
