import { type Sql, sql } from '../../clickhouse/sql.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { bind } from './bind.ts';
import { convert, toElement } from './coerce.ts';
import { datetimeToTicks, realToLong, ticksToDatetime } from './numbers.ts';
import type { Argument, FunctionFamily } from './registry.ts';

/** How many points a series may have. Source: https://learn.microsoft.com/kusto/query/make-series-operator */
const MAX_POINTS = sql`1048576`;

function given(args: readonly Argument[], count: number): Argument[] {
  if (args.length !== count) throw new Error(`${count} arguments are expected`);
  return [...args];
}

/** The axis as a number that steps can be counted in: ticks, whole numbers or reals. */
function measure(value: Argument): { sql: Sql; whole: boolean } {
  const { sql: printed, type } = value;
  if (type === 'datetime') return { sql: datetimeToTicks(printed), whole: true };
  if (type === 'real' || type === 'decimal') return { sql: sql`toFloat64(${printed})`, whole: false };
  return { sql: sql`toInt64(${printed})`, whole: true };
}

/** A step is positive; one that is not counts as the smallest there is. */
function stepOf(step: Argument, whole: boolean): Sql {
  const value = convert(step.sql, step.type, whole ? 'long' : 'real');
  return whole ? sql`greatest(${value}, 1)` : value;
}

function place(distance: Sql, step: Sql, whole: boolean): Sql {
  if (!whole) return realToLong(sql`floor(${distance} / ${step})`);
  return bind(sql`__s`, step, (s) =>
    bind(sql`__d`, distance, (d) => sql`intDivOrZero(${d} - positiveModulo(${d}, ${s}), ${s})`),
  );
}

function axisValue(index: Sql, origin: Argument, step: Argument): { sql: Sql; type: KqlType } {
  const { sql: start, whole } = measure(origin);
  const value = sql`(${start} + ${index} * ${stepOf(step, whole)})`;
  if (origin.type === 'datetime') return { sql: ticksToDatetime(value), type: 'datetime' };
  if (origin.type === 'timespan') return { sql: value, type: 'timespan' };
  return { sql: value, type: whole ? 'long' : 'real' };
}

/** What `make-series` does to values; no query can call these by name. Source: .../kusto/query/make-series-operator */
export const seriesGrid: FunctionFamily = {
  series_place: {
    summary: 'How many whole steps a value of the axis lies behind the origin.',
    page: 'make-series-operator',
    sql: (args) => {
      const [value, origin, step] = given(args, 3) as [Argument, Argument, Argument];
      const at = measure(value);
      return place(sql`(${at.sql} - ${measure(origin).sql})`, stepOf(step, at.whole), at.whole);
    },
  },
  series_last_place: {
    summary: 'The place of the last step that begins before the end.',
    page: 'make-series-operator',
    sql: (args) => {
      const [end, origin, step] = given(args, 3) as [Argument, Argument, Argument];
      const at = measure(end);
      const distance = sql`(${at.sql} - ${measure(origin).sql})`;
      if (at.whole) return place(sql`(${distance} - 1)`, stepOf(step, true), true);
      return realToLong(sql`(ceil(${distance} / ${stepOf(step, false)}) - 1)`);
    },
  },
  series_bounded: {
    summary: 'The last place, after a check that the series is not too long.',
    page: 'make-series-operator',
    sql: (args) => {
      const [first, last] = given(args, 2) as [Argument, Argument];
      return sql`(${last.sql} + throwIf(ifNull(${last.sql} - ${first.sql} >= ${MAX_POINTS}, 0), 'a series has more than 1048576 points'))`;
    },
  },
  series_axis: {
    summary: 'The array of the axis values from the first to the last place.',
    page: 'make-series-operator',
    sql: (args) => {
      const [first, last, origin, step] = given(args, 4) as [Argument, Argument, Argument, Argument];
      const index = sql`(ifNull(${first.sql}, 0) + toInt64(__i))`;
      const value = axisValue(index, origin, step);
      const length = sql`toUInt64(greatest(ifNull(${last.sql} - ${first.sql} + 1, 0), 0))`;
      return sql`concat('[', arrayStringConcat(arrayMap(__i -> ${toElement(value.sql, value.type)}, range(${length})), ','), ']')`;
    },
  },
  series_values: {
    summary: 'The array of the values at each place, the default where there is none.',
    page: 'make-series-operator',
    sql: (args) => {
      const [points, first, last, fallback] = given(args, 4) as [Argument, Argument, Argument, Argument];
      const start = sql`ifNull(${first.sql}, 0)`;
      const end = sql`ifNull(${last.sql}, -1)`;
      const empty = sql`concat(',', ${toElement(fallback.sql, fallback.type)})`;
      const gap = sql`arrayStringConcat(arrayWithConstant(toUInt64(greatest(__k - __p - 1, 0)), __e))`;
      const places = sql`arrayPushBack(${points.sql}.1, ${end} + 1)`;
      const before = sql`arrayPushFront(${points.sql}.1, ${start} - 1)`;
      const texts = sql`arrayPushBack(arrayMap(__v -> concat(',', __v), ${points.sql}.2), '')`;
      const filled = sql`arrayMap(__e -> arrayStringConcat(arrayMap((__k, __p, __v) -> concat(${gap}, __v), ${places}, ${before}, ${texts})), [${empty}])[1]`;
      return sql`concat('[', substring(${filled}, 2), ']')`;
    },
  },
};
