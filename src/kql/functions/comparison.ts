import { float64, joinSql, type Sql, Strength, sql, sqlOp } from '../../clickhouse/sql.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { coerce } from './coerce.ts';
import { need } from './operand.ts';
import { placeFilter } from './place-filter.ts';
import type { Argument, FunctionFamily, ScalarFunction } from './registry.ts';

/**
 * Equality is total: null == 5 is false and null != 5 true; only null against null is null. Order with null is null.
 * Not-a-number equals nothing and is neither below nor above anything.
 * https://learn.microsoft.com/kusto/query/scalar-data-types/null-values
 */
export const comparison: FunctionFamily = {
  '==': {
    summary: 'True where both sides are equal.',
    page: 'datatypes-string-operators',
    nulls: 'maybe',
    sql: ([left, right]) => equal(need(left), need(right), true),
    predicate: ([left, right]) => plainlyEqual(need(left), need(right)),
    examples: [
      ['1 == 1.0', 'True'],
      ['int(null) == 5', 'False'],
      ['isnull(int(null) == int(null))', 'True'],
      ['"a" == "A"', 'False'],
    ],
  },
  '!=': {
    summary: 'True where the sides differ.',
    page: 'datatypes-string-operators',
    nulls: 'maybe',
    sql: ([left, right]) => equal(need(left), need(right), false),
    examples: [
      ['int(null) != 5', 'True'],
      ['real(nan) != real(nan)', 'True'],
    ],
  },
  '<': ordered(sqlOp(Strength.comparison), '<'),
  '<=': ordered(sqlOp(Strength.comparison), '<='),
  '>': ordered(sqlOp(Strength.comparison), '>'),
  '>=': ordered(sqlOp(Strength.comparison), '>='),
};

type Operator = ReturnType<typeof sqlOp>;

function ordered(op: Operator, sign: '<' | '<=' | '>' | '>='): ScalarFunction {
  const print: Readonly<Record<typeof sign, (a: Sql, b: Sql) => Sql>> = {
    '<': (a, b) => op`${a} < ${b}`,
    '<=': (a, b) => op`${a} <= ${b}`,
    '>': (a, b) => op`${a} > ${b}`,
    '>=': (a, b) => op`${a} >= ${b}`,
  };
  return {
    summary: `True where the left side is ${sign} the right side.`,
    page: 'numerical-operators',
    nulls: 'maybe',
    sql: ([left, right]) => {
      const [a, b] = comparable(need(left), need(right), true);
      return print[sign](a.sql, b.sql);
    },
    examples: [
      [`isnull(int(null) ${sign} 3)`, 'True'],
      [`real(nan) ${sign} 1.0`, 'False'],
    ],
  };
}

function equal(left: Argument, right: Argument, positive: boolean): Sql {
  const op = sqlOp(Strength.comparison);
  const answer = (value: boolean) => (value ? sql`true` : sql`false`);
  const [a, b] = comparable(left, right, false);
  const plain = positive ? op`${a.sql} = ${b.sql}` : op`${a.sql} != ${b.sql}`;
  if (a.type === 'dynamic') {
    return sql`if(empty(${a.sql}) AND empty(${b.sql}), NULL, ${plain})`;
  }
  const other = isNullConstant(a) ? b : isNullConstant(b) ? a : undefined;
  if (other)
    return other.nullable ? sql`if(isNull(${other.sql}), NULL, ${answer(!positive)})` : answer(!positive);
  if (!a.nullable && !b.nullable) return plain;
  if (!a.nullable || !b.nullable) return sql`ifNull(${plain}, ${answer(!positive)})`;
  return sql`ifNull(${plain}, if(isNull(${a.sql}) AND isNull(${b.sql}), NULL, ${answer(!positive)}))`;
}

/** NULL where a side is. */
function plainlyEqual(left: Argument, right: Argument): Sql | undefined {
  const [a, b] = comparable(left, right, false);
  return a.type === 'dynamic' ? undefined : withPlaceFilter(a, b);
}

function withPlaceFilter(a: Argument, b: Argument): Sql {
  const plain = sqlOp(Strength.comparison)`${a.sql} = ${b.sql}`;
  const filters = [
    ...(typeof b.constant === 'string' ? placeFilter(a.sql, [b.constant], 'exact') : []),
    ...(typeof a.constant === 'string' ? placeFilter(b.sql, [a.constant], 'exact') : []),
  ];
  return joinSql([...filters, plain], ' AND ');
}

/** Both sides as one type. A column stays as it is where it can, so that its index serves. */
export function comparable(left: Argument, right: Argument, byOrder: boolean): readonly [Argument, Argument] {
  if (left.type === right.type) {
    if (left.type !== 'dynamic' || !byOrder) return [left, right];
    return [coerce(left, 'real'), coerce(right, 'real')];
  }
  if (left.type === 'dynamic')
    return [coerce(left, contentType(right)), asContent(right, contentType(right))];
  if (right.type === 'dynamic') return [asContent(left, contentType(left)), coerce(right, contentType(left))];
  if (left.type === 'string') return withText(left, right);
  if (right.type === 'string') {
    const [a, b] = withText(right, left);
    return [b, a];
  }
  if (left.type === 'real' || right.type === 'real') return [asReal(left), asReal(right)];
  return [left, right];
}

/** What a dynamic is read as beside another type. Whole numbers are compared as reals: `1.5` is not `1`. */
function contentType(other: Argument): KqlType {
  if (other.type !== 'int' && other.type !== 'long') return other.type;
  const value = other.constant;
  const exact = typeof value !== 'bigint' || (value >= -(2n ** 53n) && value <= 2n ** 53n);
  return exact ? 'real' : 'long';
}

function asContent(argument: Argument, type: KqlType): Argument {
  return type === 'real' ? asReal(argument) : argument;
}

function withText(textual: Argument, other: Argument): readonly [Argument, Argument] {
  const number = ['int', 'long', 'real', 'decimal'].includes(other.type);
  if (number && textual.constant === undefined) return [textual, coerce(other, 'string')];
  return [coerce(textual, other.type), other];
}

function asReal(argument: Argument): Argument {
  if (argument.type === 'real') return argument;
  const constant = typeof argument.constant === 'bigint' ? Number(argument.constant) : undefined;
  const value = constant === undefined ? sql`toFloat64(${argument.sql})` : float64(constant);
  return { ...argument, type: 'real', sql: value, constant: constant ?? argument.constant, indexes: [] };
}

function isNullConstant(argument: Argument): boolean {
  return argument.constant === null;
}
