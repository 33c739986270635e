import { call, joinSql, type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { need } from './operand.ts';
import type { Argument, FunctionFamily } from './registry.ts';

/** Probability functions. The incomplete beta function is its continued fraction: https://dlmf.nist.gov/8.17 */
export const distributions: FunctionFamily = {
  erf: {
    summary: 'The error function.',
    page: 'erf-function',
    params: ['real'],
    nulls: 'maybe',
    sql: ([value]) => call('erf', need(value).sql),
    examples: [['round(erf(1), 6)', '0.842701']],
  },
  erfc: {
    summary: 'One minus the error function.',
    page: 'erfc-function',
    params: ['real'],
    nulls: 'maybe',
    sql: ([value]) => call('erfc', need(value).sql),
    examples: [['round(erfc(1), 6)', '0.157299']],
  },
  beta_cdf: {
    summary: 'The standard cumulative beta distribution; not-a-number outside its domain.',
    page: 'beta-cdf-function',
    params: ['real'],
    nulls: 'maybe',
    sql: (args) => ofThree(args, (x, a, b) => sql`if(${inDomain(x, a, b)}, ${regularized(x, a, b)}, nan)`),
    examples: [
      ['round(beta_cdf(0.2, 10.0, 20.0), 6)', '0.049264'],
      ['beta_cdf(1.5, 10.0, 20.0)', 'NaN'],
    ],
  },
  beta_pdf: {
    summary: 'The density of the beta distribution; not-a-number outside its domain.',
    page: 'beta-pdf-function',
    params: ['real'],
    nulls: 'maybe',
    sql: (args) =>
      ofThree(args, (x, a, b) => {
        const density = sql`pow(${x}, ${a} - 1) * pow(1 - ${x}, ${b} - 1) / exp(${logBeta(a, b)})`;
        return sql`if(${inDomain(x, a, b)}, ${density}, nan)`;
      }),
    examples: [['round(beta_pdf(0.5, 10.0, 20.0), 6)', '0.746176']],
  },
  beta_inv: {
    summary: 'The value at which the cumulative beta distribution reaches a probability, found by halving.',
    page: 'beta-inv-function',
    params: ['real'],
    nulls: 'maybe',
    sql: (args) =>
      ofThree(args, (p, a, b) => {
        const middle = sql`((__lo.1 + __lo.2) / 2)`;
        const below = sql`${regularized(middle, a, b)} < ${p}`;
        const halves = sql`arrayFold((__lo, __step) -> if(${below}, (${middle}, __lo.2), (__lo.1, ${middle})), range(60), (toFloat64(0), toFloat64(1)))`;
        return sql`multiIf(NOT (${p} >= 0 AND ${p} <= 1), NULL, NOT (${a} > 0 AND ${b} > 0), nan, tupleElement(${halves}, 1))`;
      }),
    examples: [['round(beta_inv(0.1, 10.0, 20.0), 6)', '0.226415']],
  },
  welch_test: {
    summary: 'The p-value of the two-tailed Welch test from the means, variances and counts of two samples.',
    page: 'welch-test-function',
    params: ['real'],
    nulls: 'maybe',
    sql: (args) => {
      const [m1, v1, n1, m2, v2, n2] = [0, 1, 2, 3, 4, 5].map((i) => need(args[i]).sql);
      const share = (variance: Sql | undefined, count: Sql | undefined) =>
        sql`(${need(variance)} / ${need(count)})`;
      return bind(sql`__s1`, share(v1, n1), (s1) =>
        bind(sql`__s2`, share(v2, n2), (s2) => {
          const squared = sql`(pow(${need(m1)} - ${need(m2)}, 2) / (${s1} + ${s2}))`;
          const freedom = sql`(pow(${s1} + ${s2}, 2) / (pow(${s1}, 2) / (${need(n1)} - 1) + pow(${s2}, 2) / (${need(n2)} - 1)))`;
          return bind(sql`__df`, freedom, (df) =>
            bind(sql`__p`, sql`(${df} / (${df} + ${squared}))`, (p) =>
              whereKnown(
                [df, p],
                sql`if(${df} > 0 AND ${p} >= 0 AND ${p} <= 1, ${regularized(known(p), sql`(${known(df)} / 2)`, sql`toFloat64(0.5)`)}, nan)`,
              ),
            ),
          );
        }),
      );
    },
    examples: [['round(welch_test(20.82, 7.8674, 15, 22.9867, 3.8127, 15), 3)', '0.021']],
  },
};

function ofThree(args: readonly Argument[], body: (x: Sql, a: Sql, b: Sql) => Sql): Sql {
  return bind(sql`__bx`, need(args[0]).sql, (x) =>
    bind(sql`__ba`, need(args[1]).sql, (a) =>
      bind(sql`__bb`, need(args[2]).sql, (b) => whereKnown([x, a, b], body(known(x), known(a), known(b)))),
    ),
  );
}

/** A fold must start with the very type that its step yields, which is never Nullable here. */
function known(value: Sql): Sql {
  return call('assumeNotNull', value);
}

function whereKnown(values: readonly Sql[], body: Sql): Sql {
  const missing = joinSql(
    values.map((value) => call('isNull', value)),
    ' OR ',
  );
  return sql`if(${missing}, NULL, ${body})`;
}

function inDomain(x: Sql, a: Sql, b: Sql): Sql {
  return sql`(${x} >= 0 AND ${x} <= 1 AND ${a} > 0 AND ${b} > 0)`;
}

function logBeta(a: Sql, b: Sql): Sql {
  return sql`(lgamma(${a}) + lgamma(${b}) - lgamma(${a} + ${b}))`;
}

/** The share of the beta function up to `x`, for arguments of its domain. The fraction converges on this side of the mean. */
function regularized(x: Sql, a: Sql, b: Sql): Sql {
  const direct = (y: Sql, c: Sql, d: Sql) =>
    sql`(exp(${c} * log(${y}) + ${d} * log(1 - ${y}) - ${logBeta(c, d)}) / (${c} * ${fraction(y, c, d)}))`;
  const lower = sql`${x} < (${a} + 1) / (${a} + ${b} + 2)`;
  return sql`multiIf(${x} <= 0, 0, ${x} >= 1, 1, ${lower}, ${direct(x, a, b)}, 1 - ${direct(sql`(1 - ${x})`, b, a)})`;
}

/** Two hundred terms, from the innermost outwards. */
function fraction(x: Sql, a: Sql, b: Sql): Sql {
  const m = sql`intDiv(__k, 2)`;
  const even = sql`(${m} * (${b} - ${m}) * ${x} / ((${a} + __k - 1) * (${a} + __k)))`;
  const odd = sql`(-(${a} + ${m}) * (${a} + ${b} + ${m}) * ${x} / ((${a} + __k - 1) * (${a} + __k)))`;
  return sql`arrayFold((__f, __k) -> 1 + if(__k % 2 = 0, ${even}, ${odd}) / __f, arrayReverse(range(1, 201)), toFloat64(1))`;
}
