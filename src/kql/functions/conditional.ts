import { call, type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { coerce } from './coerce.ts';
import { need } from './operand.ts';
import {
  type Argument,
  ArgumentFault,
  type CallContext,
  type FunctionFamily,
  type ScalarFunction,
} from './registry.ts';

const iff: ScalarFunction = {
  summary: 'The second argument where the first is true, else (false or null) the third.',
  page: 'iff-function',
  nulls: 'maybe',
  sql: ([condition, ...branches], context) => {
    const types = branches.map((branch) => branch.type);
    // A literal null has the type that is wanted of it.
    if (
      types.includes('real') &&
      types.some((type) => type === 'int' || type === 'long') &&
      branches.every(isGiven)
    )
      throw new ArgumentFault('`iff` takes values of one type: convert the whole number by `toreal()`');
    const [yes, no] = branches.map((branch) => coerce(branch, context.type).sql);
    return call('if', predicate(condition), need(yes), need(no));
  },
  examples: [
    ['iff(bool(null), "t", "f")', 'f'],
    ['iff(1 < 2, 1.0, 2.0)', '1.0'],
  ],
};

function isGiven(branch: Argument): boolean {
  return branch.constant !== null;
}

const isnotnull: ScalarFunction = {
  summary: 'True where the value is not null; a string never is null.',
  page: 'isnotnull-function',
  nulls: 'never',
  sql: ([value]) => isNull(need(value), false),
  examples: [
    ['isnotnull(42)', 'True'],
    ['isnotnull("")', 'True'],
  ],
};

export const conditional: FunctionFamily = {
  iff,
  iif: iff,
  case: {
    summary: 'The value after the first true predicate, else the last argument.',
    page: 'case-function',
    nulls: 'maybe',
    sql: (args, context) =>
      call(
        'multiIf',
        ...args.map((arg, i) =>
          i % 2 === 0 && i < args.length - 1 ? predicate(arg) : coerce(arg, context.type).sql,
        ),
      ),
    examples: [['case(bool(null), "c1", true, "c2", "def")', 'c2']],
  },
  coalesce: {
    summary: 'The first argument that is not null and, among strings, not empty.',
    page: 'coalesce-function',
    nulls: 'maybe',
    sql: (args, context) => coalesce(args, context),
    examples: [
      ['coalesce(int(null), int(null), 5, 7)', '5'],
      ['coalesce("", "DEFAULT")', 'DEFAULT'],
    ],
  },
  isnull: {
    summary: 'True where the value is null; a string never is.',
    page: 'isnull-function',
    nulls: 'never',
    sql: ([value]) => isNull(need(value), true),
    examples: [
      ['isnull(int(null))', 'True'],
      ['isnull("")', 'False'],
      ['isnull(parse_json(""))', 'True'],
    ],
  },
  isnotnull,
  notnull: isnotnull,
  isnan: {
    summary: 'True where a real is not a number.',
    page: 'isnan-function',
    params: ['real'],
    nulls: 'maybe',
    sql: ([value]) => call('isNaN', need(value).sql),
    examples: [['isnan(0.0 / 0.0)', 'True']],
  },
  isinf: {
    summary: 'True where a real is infinite.',
    page: 'isinf-function',
    params: ['real'],
    nulls: 'maybe',
    sql: ([value]) => call('isInfinite', need(value).sql),
    examples: [['isinf(-1.0 / 0.0)', 'True']],
  },
  isfinite: {
    summary: 'True where a real is neither infinite nor not a number.',
    page: 'isfinite-function',
    params: ['real'],
    nulls: 'maybe',
    sql: ([value]) => call('isFinite', need(value).sql),
    examples: [['isfinite(1.0 / 0.0)', 'False']],
  },
  max_of: {
    summary: 'The greatest argument; null only where all are.',
    page: 'max-of-function',
    nulls: 'maybe',
    sql: (args, context) => extreme('greatest', args, context),
    examples: [['max_of(1, long(null), 3)', '3']],
  },
  min_of: {
    summary: 'The least argument; null only where all are.',
    page: 'min-of-function',
    nulls: 'maybe',
    sql: (args, context) => extreme('least', args, context),
    examples: [
      ['min_of(10, 1, -3, 17)', '-3'],
      ['min_of(real(nan), 1.0)', 'NaN'],
    ],
  },
};

/** Null counts as false, which is also what the engine makes of a NULL condition. */
function predicate(argument: Argument | undefined): Sql {
  return coerce(need(argument), 'bool').sql;
}

function isNull(value: Argument, positive: boolean): Sql {
  if (value.type === 'dynamic') return call(positive ? 'empty' : 'notEmpty', value.sql);
  const never = value.type === 'string' || !value.nullable;
  if (never) return positive ? sql`false` : sql`true`;
  return call(positive ? 'isNull' : 'isNotNull', value.sql);
}

function coalesce(args: readonly Argument[], context: CallContext): Sql {
  const values = args.map((arg) => coerce(arg, context.type).sql);
  if (context.type !== 'string' && context.type !== 'dynamic') return call('coalesce', ...values);
  return values.reduceRight((rest, value) =>
    bind(sql`__v`, value, (v) => sql`if(notEmpty(${v}), ${v}, ${rest})`),
  );
}

/** The engine's two functions skip NULLs; not-a-number wins in both, which the engine does for one only. */
function extreme(name: 'greatest' | 'least', args: readonly Argument[], context: CallContext): Sql {
  const type = context.type === 'dynamic' ? 'real' : context.type;
  const values = args.map((arg) => coerce(arg, type).sql);
  const [first, second, ...more] = values;
  if (first === undefined) throw new Error('the binder let a call without arguments pass');
  if (second === undefined) return first;
  if (type !== 'real') return call(name, ...values);
  const pair = bind(sql`__a`, first, (a) =>
    bind(sql`__b`, second, (b) => sql`if(isNaN(${a}) OR isNaN(${b}), nan, ${call(name, a, b)})`),
  );
  const rest = more.map((value) => ({ ...need(args[0]), type, sql: value, constant: undefined }));
  return rest.length === 0
    ? pair
    : extreme(name, [{ ...need(args[0]), type, sql: pair, constant: undefined }, ...rest], context);
}
