import type { Sql } from '../../clickhouse/sql.ts';
import { call, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { coerce } from './coerce.ts';
import { subtractDecimals } from './decimals.ts';
import { need } from './operand.ts';
import type { FunctionFamily, ScalarFunction } from './registry.ts';
import { divided } from './ticks.ts';

/**
 * Reals in, a real out. Outside their domain the logarithms and the inverse sine and cosine are null, as their pages
 * say; the square root is not-a-number, as the engine of Kusto was measured to give.
 */
export const math: FunctionFamily = {
  abs: {
    summary: 'The value without its sign.',
    page: 'abs-function',
    nulls: 'maybe',
    sql: ([value], context) => {
      const { sql: x } = coerce(need(value), context.type);
      if (context.type === 'real') return call('abs', x);
      if (context.type !== 'decimal') return sql`toInt64(abs(toInt64(${x})))`;
      return bind(
        sql`__x`,
        x,
        (d) => sql`if(${d} < 0, ${subtractDecimals(sql`toDecimal256(0, 28)`, d)}, ${d})`,
      );
    },
    examples: [
      ['abs(-5)', '5'],
      ['abs(-1h)', '01:00:00'],
    ],
  },
  sign: {
    summary: '1, 0 or -1 as the value is above, equal to or below zero.',
    page: 'sign-function',
    params: ['real'],
    nulls: 'maybe',
    sql: ([value]) =>
      bind(sql`__x`, need(value).sql, (x) => sql`if(isNaN(${x}), toFloat64(0), toFloat64(sign(${x})))`),
    examples: [['sign(-42)', '-1.0']],
  },
  sqrt: real('sqrt', 'The square root.', ['sqrt(9)', '3.0']),
  exp: real('exp', 'e to the power of the value.', ['exp(0)', '1.0']),
  exp2: real('exp2', '2 to the power of the value.', ['exp2(3)', '8.0']),
  exp10: real('exp10', '10 to the power of the value.', ['exp10(2)', '100.0']),
  log: logarithm('log', ['log(1)', '0.0']),
  log2: logarithm('log2', ['log2(8)', '3.0']),
  log10: logarithm('log10', ['log10(1000)', '3.0']),
  pow: {
    summary: 'The first argument to the power of the second.',
    page: 'pow-function',
    params: ['real'],
    nulls: 'maybe',
    sql: ([base, exponent]) => call('pow', need(base).sql, need(exponent).sql),
    examples: [['pow(2, 3)', '8.0']],
  },
  sin: real('sin', 'The sine of an angle in radians.', ['sin(0)', '0.0']),
  cos: real('cos', 'The cosine of an angle in radians.', ['cos(0)', '1.0']),
  tan: real('tan', 'The tangent of an angle in radians.', ['tan(0)', '0.0']),
  cot: {
    summary: 'The cotangent of an angle in radians.',
    page: 'cot-function',
    params: ['real'],
    nulls: 'maybe',
    sql: ([value]) => divided(sql`toFloat64(1)`, call('tan', need(value).sql)),
    examples: [['round(cot(1), 4)', '0.6421']],
  },
  asin: inverse('asin', ['asin(0)', '0.0']),
  acos: inverse('acos', ['acos(1)', '0.0']),
  atan: real('atan', 'The angle whose tangent is the value.', ['atan(0)', '0.0']),
  atan2: {
    summary: 'The angle of the point (x, y), given y first.',
    page: 'atan2-function',
    params: ['real'],
    nulls: 'maybe',
    sql: ([y, x]) => call('atan2', need(y).sql, need(x).sql),
    examples: [['atan2(0, 1)', '0.0']],
  },
  degrees: real('degrees', 'Radians to degrees.', ['degrees(pi())', '180.0']),
  radians: real('radians', 'Degrees to radians.', ['radians(0)', '0.0']),
  pi: {
    summary: 'The number pi.',
    page: 'pi-function',
    nulls: 'never',
    sql: () => sql`pi()`,
    examples: [['pi()', '3.141592653589793']],
  },
  gamma: {
    summary: 'The gamma function.',
    page: 'gamma-function',
    params: ['real'],
    nulls: 'maybe',
    sql: ([value]) => call('tgamma', need(value).sql),
    examples: [['gamma(5)', '24.0']],
  },
  loggamma: {
    summary: 'The logarithm of the absolute value of the gamma function.',
    page: 'loggamma-function',
    params: ['real'],
    nulls: 'maybe',
    sql: ([value]) => call('lgamma', need(value).sql),
    examples: [['round(loggamma(5), 4)', '3.1781']],
  },
  rand: {
    summary: 'A random real from 0 (included) to 1, or a random whole number below the argument.',
    page: 'rand-function',
    params: ['real'],
    nulls: 'maybe',
    sql: ([size]) => {
      if (size === undefined) return sql`randCanonical()`;
      return sql`if(${size.sql} > 1, floor(randCanonical() * ${size.sql}), randCanonical())`;
    },
    examples: [['rand() < 1', 'True']],
  },
};

type Example = readonly [query: string, result: string];

function real(name: string, summary: string, example: Example): ScalarFunction {
  return {
    summary,
    page: `${name}-function`,
    params: ['real'],
    nulls: 'maybe',
    sql: ([value]) => call(name, need(value).sql),
    examples: [example],
  };
}

function logarithm(name: 'log' | 'log2' | 'log10', example: Example): ScalarFunction {
  return {
    summary: `The ${name === 'log' ? 'natural' : name === 'log2' ? 'base-2' : 'base-10'} logarithm; null below zero.`,
    page: `${name}-function`,
    params: ['real'],
    nulls: 'maybe',
    sql: ([value]) => bind(sql`__x`, need(value).sql, (x) => sql`if(${x} < 0, NULL, ${call(name, x)})`),
    examples: [example, [`isnull(${name}(-1))`, 'True']],
  };
}

function inverse(name: 'asin' | 'acos', example: Example): ScalarFunction {
  return {
    summary: `The angle whose ${name === 'asin' ? 'sine' : 'cosine'} is the value; null outside -1 to 1.`,
    page: `${name}-function`,
    params: ['real'],
    nulls: 'maybe',
    sql: ([value]): Sql =>
      bind(sql`__x`, need(value).sql, (x) => sql`if(abs(${x}) > 1, NULL, ${call(name, x)})`),
    examples: [example, [`isnull(${name}(2))`, 'True']],
  };
}
