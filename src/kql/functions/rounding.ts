import { call, float64, int64, type Sql, sql } from '../../clickhouse/sql.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { bind } from './bind.ts';
import { coerce } from './coerce.ts';
import { addDecimals, decimalRemainder, subtractDecimals } from './decimals.ts';
import { groupedBy } from './group-key.ts';
import { need } from './operand.ts';
import type { Argument, CallContext, FunctionFamily, ScalarFunction } from './registry.ts';
import {
  datetimeAt,
  datetimeAtOrNull,
  divided,
  minus,
  ORIGIN_TICKS,
  plus,
  roundDown,
  ticksOf,
  timeBin,
  times,
  WIDEST_BIN,
} from './ticks.ts';

const bin: ScalarFunction = {
  summary: 'Rounds down to a multiple of a size; null for a size that is not positive.',
  page: 'bin-function',
  nulls: 'maybe',
  sql: ([value, size], context) => binTo(need(value), need(size), context),
  examples: [
    ['bin(4.5, 1)', '4.0'],
    ['bin(-1, 3)', '-3'],
    ['bin(datetime(1970-05-11 13:45:07), 1d)', '1970-05-11T00:00:00.0000000Z'],
    ['bin(16d, 7d)', '14.00:00:00'],
  ],
};

export const rounding: FunctionFamily = {
  bin,
  floor: bin,
  bin_at: {
    summary: 'Rounds down to a bin of a size, where one bin starts at a fixed point.',
    page: 'bin-at-function',
    nulls: 'maybe',
    sql: ([value, size, point], context) => binAt(need(value), need(size), need(point), context),
    examples: [
      ['bin_at(6.5, 2.5, 7)', '4.5'],
      ['bin_at(1h, 1d, 12h)', '-12:00:00'],
      ['bin_at(datetime(2017-05-15 10:20), 1d, datetime(1970-01-01 12:00))', '2017-05-14T12:00:00.0000000Z'],
    ],
  },
  ceiling: {
    summary: 'The smallest whole number not below the value.',
    page: 'ceiling-function',
    nulls: 'maybe',
    sql: ([value], context) => ceiling(typed(need(value), context.type), context.type),
    examples: [['ceiling(-1.1)', '-1.0']],
  },
  round: {
    summary: 'Rounds to a number of decimal places, halves away from zero.',
    page: 'round-function',
    nulls: 'maybe',
    sql: ([value, places], context) => round(typed(need(value), context.type), places, context.type),
    examples: [
      ['round(2.15, 1)', '2.2'],
      ['round(-50.55, -2)', '-100.0'],
      ['round(21.5, -1)', '20.0'],
    ],
  },
};

/** Bins of times are counted from 0001-01-01, so bins of seven days start on Mondays. */
function binTo(value: Argument, size: Argument, context: CallContext): Sql {
  const type = context.type;
  if (type === 'datetime') {
    const width = size.type === 'datetime' ? plus(ticksOf(size.sql), int64(ORIGIN_TICKS)) : asTimespan(size);
    const step = size.type === 'datetime' ? undefined : size.constant;
    if (typeof step === 'bigint' && step > 0n && step <= WIDEST_BIN) {
      const { number, start } = timeBin(ticksOf(typed(value, type)), step, ORIGIN_TICKS);
      return groupedBy(datetimeAt(start), number);
    }
    return bind(sql`__t`, typed(value, type), (t) =>
      datetimeAt(downTo(ticksOf(t), width, step, ORIGIN_TICKS)),
    );
  }
  return bind(sql`__t`, typed(value, type), (t) =>
    type === 'timespan'
      ? downTo(t, asTimespan(size), size.constant, 0n)
      : numberBin(t, typed(size, type), size.constant, type),
  );
}

/** Integers: `value` down to a multiple of `size` counted from `-origin`. */
function downTo(value: Sql, size: Sql, constant: Argument['constant'], origin: bigint): Sql {
  if (typeof constant === 'bigint' && constant <= 0n) return sql`CAST(NULL, 'Nullable(Int64)')`;
  if (typeof constant === 'bigint' && origin === 0n) return roundDown(value, constant);
  return bind(sql`__x`, value, (x) =>
    bind(sql`__w`, size, (w) => {
      const shifted = origin === 0n ? x : plus(x, int64(origin));
      return sql`if(${w} > 0, ${minus(x, sql`toInt64(positiveModulo(${shifted}, ${w}))`)}, NULL)`;
    }),
  );
}

function numberBin(value: Sql, size: Sql, constant: Argument['constant'], type: KqlType): Sql {
  if (type === 'int') return sql`toInt32(${downTo(value, size, constant, 0n)})`;
  if (type === 'long') return downTo(value, size, constant, 0n);
  if (type === 'decimal') {
    return bind(sql`__x`, value, (x) =>
      bind(sql`__w`, size, (w) => sql`if(${w} > 0, ${subtractDecimals(x, decimalRemainder(x, w))}, NULL)`),
    );
  }
  return bind(sql`__w`, size, (w) => {
    const rounded = times(call('floor', divided(value, w)), w);
    const positive =
      typeof constant === 'number' ? constant > 0 : typeof constant === 'bigint' && constant > 0n;
    return positive ? rounded : sql`if(${w} > 0, ${rounded}, NULL)`;
  });
}

function binAt(value: Argument, size: Argument, point: Argument, context: CallContext): Sql {
  const type = context.type;
  if (type === 'datetime' || type === 'timespan') {
    const ticks = (arg: Argument) => (type === 'datetime' ? ticksOf(typed(arg, type)) : typed(arg, type));
    const result = bind(sql`__p`, ticks(point), (p) =>
      plus(downTo(minus(ticks(value), p), asTimespan(size), size.constant, 0n), p),
    );
    return type === 'datetime' ? datetimeAtOrNull(result) : result;
  }
  if (type === 'decimal') {
    const shifted = subtractDecimals(typed(value, type), typed(point, type));
    return addDecimals(numberBin(shifted, typed(size, type), undefined, type), typed(point, type));
  }
  const bound = bind(sql`__p`, typed(point, type), (p) =>
    plus(numberBin(minus(typed(value, type), p), typed(size, type), size.constant, type), p),
  );
  return type === 'int' ? sql`toInt32(${bound})` : bound;
}

function ceiling(value: Sql, type: KqlType): Sql {
  if (type === 'real') return call('ceil', value);
  if (type !== 'decimal') return value;
  const one = sql`toDecimal256(1, 28)`;
  return bind(sql`__x`, value, (x) => {
    const rest = decimalRemainder(x, one);
    const whole = subtractDecimals(x, rest);
    return sql`if(${rest} = 0, ${x}, ${addDecimals(whole, one)})`;
  });
}

/**
 * The scaled value is rounded, as the documented `round(2.15, 1)` = 2.2 asks for; the engine's own rounding of reals
 * takes halves to even. Beyond 2^52 a real has no fraction left to round.
 */
function round(value: Sql, places: Argument | undefined, type: KqlType): Sql {
  const constant = places === undefined ? 0n : places.constant;
  const factor =
    typeof constant === 'bigint' || typeof constant === 'number'
      ? float64(10 ** Math.abs(Number(constant)))
      : sql`exp10(abs(toFloat64(${need(places).sql})))`;
  const up = places === undefined || Number(constant) >= 0 ? sql`true` : sql`false`;
  const fine = constant === undefined ? sql`${need(places).sql} >= 0` : up;
  const scaled = (x: Sql) => sql`if(${fine}, ${times(x, factor)}, ${divided(x, factor)})`;
  const back = (x: Sql) => sql`if(${fine}, ${divided(x, factor)}, ${times(x, factor)})`;
  const rounded = (real: Sql) =>
    bind(sql`__x`, real, (x) => {
      const size = scaled(call('abs', x));
      return sql`if(${size} < 4503599627370496, ${times(call('sign', x), back(sql`floor(${plus(size, sql`0.5`)})`))}, ${x})`;
    });
  if (type === 'real') return rounded(value);
  if (type === 'decimal')
    return sql`accurateCastOrNull(${rounded(sql`toFloat64(${value})`)}, 'Decimal(76, 28)')`;
  if (typeof constant !== 'bigint' || constant >= 0n) return value;
  const whole = sql`accurateCastOrNull(${rounded(sql`toFloat64(${value})`)}, 'Int64')`;
  return type === 'int' ? sql`toInt32(${whole})` : whole;
}

function asTimespan(size: Argument): Sql {
  return coerce(size, 'timespan').sql;
}

function typed(value: Argument, type: KqlType): Sql {
  return coerce(value, type).sql;
}
