import { type Sql, sql, text } from '../../clickhouse/sql.ts';

/**
 * Arithmetic on `Decimal(76, 28)` that cannot throw: the engine's own operators raise an error on overflow. The digits
 * are taken as an Int256, which wraps, and results that do not fit are NULL.
 */
const SCALE = text(`1${'0'.repeat(28)}`);
const ONE = sql`toInt256(${SCALE})`;

/** The decimal's digits as an Int256 scaled by 10^28. */
function digits(value: Sql): Sql {
  return sql`reinterpret(${value}, 'Int256')`;
}

function decimal(scaled: Sql): Sql {
  return sql`reinterpret(${scaled}, 'Decimal(76, 28)')`;
}

export function addDecimals(left: Sql, right: Sql): Sql {
  return decimal(sql`${digits(left)} + ${digits(right)}`);
}

export function subtractDecimals(left: Sql, right: Sql): Sql {
  return decimal(sql`${digits(left)} - ${digits(right)}`);
}

/** Exact while the product has at most 20 digits before the point; beyond that to the 15 digits of a real. */
export function multiplyDecimals(left: Sql, right: Sql): Sql {
  const rough = sql`toFloat64(${left}) * toFloat64(${right})`;
  const exact = decimal(sql`intDiv(${digits(left)} * ${digits(right)}, ${ONE})`);
  return sql`if(abs(${rough}) < 5e20, ${exact}, accurateCastOrNull(${rough}, 'Decimal(76, 28)'))`;
}

/** NULL for a zero divisor. Exact while the dividend has at most 20 digits before the point. */
export function divideDecimals(left: Sql, right: Sql): Sql {
  const exact = decimal(sql`intDiv(${digits(left)} * ${ONE}, ${digits(right)})`);
  const rough = sql`accurateCastOrNull(toFloat64(${left}) / toFloat64(${right}), 'Decimal(76, 28)')`;
  return sql`multiIf(${digits(right)} = 0, NULL, abs(toFloat64(${left})) < 5e20, ${exact}, ${rough})`;
}

/** Never negative; NULL for a zero divisor. */
export function decimalRemainder(left: Sql, right: Sql): Sql {
  const size = sql`abs(${digits(right)})`;
  return decimal(
    sql`if(${digits(right)} = 0, NULL, toInt256((${digits(left)} % ${size} + ${size}) % ${size}))`,
  );
}
