import { call, ident, joinSql, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { SQL_TYPE } from '../../clickhouse/types.ts';
import type { ColumnIndex } from '../../model/table-schema.ts';
import { coerce } from '../functions/coerce.ts';
import { FUNCTIONS } from '../functions/index.ts';
import type { Argument, CallContext, ParamKind } from '../functions/registry.ts';
import { type Call, type Expression, mayBeNull } from '../plan/expression.ts';
import type { Relation } from '../plan/relation.ts';
import { literalSql } from './literal.ts';

/** What printing an expression needs from the statement around it. */
export interface Printing {
  readonly nowTicks: bigint;
  /** Indexes of stored columns by column id. */
  readonly indexes: ReadonlyMap<number, readonly ColumnIndex[]>;
  /** The column as the SELECT being built reaches it. */
  column(id: number): Sql;
  /** A whole relation as `SELECT ...`. */
  relation(relation: Relation): Sql;
}

/**
 * The same where no row is left out by what is printed: a test that an index serves in a filter costs several times a
 * plain one there.
 */
export function unindexed(printing: Printing): Printing {
  return {
    nowTicks: printing.nowTicks,
    indexes: new Map(),
    column: (id) => printing.column(id),
    relation: (relation) => printing.relation(relation),
  };
}

/** The name of a column in SQL. */
export function columnName(id: number): Sql {
  return ident(`c${id}`);
}

export interface Printed {
  readonly sql: Sql;
  readonly nullable: boolean;
}

export function printExpression(expression: Expression, printing: Printing): Printed {
  switch (expression.kind) {
    case 'column':
      return { sql: printing.column(expression.id), nullable: mayBeNull(expression) };
    case 'literal':
      return { sql: literalSql(expression.type, expression.value), nullable: mayBeNull(expression) };
    case 'subquery':
      return printScalarSubquery(expression.input, expression, printing);
    case 'call':
      return printCall(expression, printing);
  }
}

/** In SQL a subquery without rows is NULL; a string or dynamic is '' instead. */
function printScalarSubquery(input: Relation, expression: Expression, printing: Printing): Printed {
  const select = sql`(SELECT * FROM (${printing.relation(input)}) LIMIT 1)`;
  if (expression.type === 'string' || expression.type === 'dynamic') {
    return { sql: call('ifNull', sql`toNullable(${select})`, text('')), nullable: false };
  }
  return { sql: sql`CAST(${select}, ${text(SQL_TYPE[expression.type])})`, nullable: true };
}

function printCall(expression: Call, printing: Printing): Printed {
  const entry = FUNCTIONS[expression.name];
  if (!entry) throw new Error(`no registry entry for \`${expression.name}\``);
  const context: CallContext = { type: expression.type, nowTicks: printing.nowTicks };
  const args = expression.args.map((arg, i) => coerced(arg, entry.params, i, printing));
  return { sql: entry.sql(args, context), nullable: resultNullable(entry.nulls, expression, args) };
}

export function coerced(
  arg: Expression,
  params: readonly ParamKind[] | undefined,
  i: number,
  printing: Printing,
): Argument {
  const argument = toArgument(arg, printing);
  const kind = params?.[Math.min(i, params.length - 1)] ?? 'any';
  return kind === 'any' || argument.isRelation ? argument : coerce(argument, kind);
}

function resultNullable(
  nulls: 'args' | 'never' | 'maybe' | undefined,
  expression: { type: string },
  args: readonly Argument[],
): boolean {
  if (expression.type === 'string' || expression.type === 'dynamic' || nulls === 'never') return false;
  return nulls === 'maybe' || args.some((arg) => arg.nullable);
}

function toArgument(expression: Expression, printing: Printing): Argument {
  if (expression.kind === 'call' && expression.name === 'relation') {
    const inner = expression.args[0];
    if (inner?.kind !== 'subquery') throw new Error('a set member is no relation');
    return {
      sql: sql`(${printing.relation(inner.input)})`,
      type: expression.type,
      nullable: true,
      constant: undefined,
      indexes: [],
      isRelation: true,
    };
  }
  const printed = printExpression(expression, printing);
  return {
    sql: printed.sql,
    type: expression.type,
    nullable: printed.nullable,
    constant: expression.kind === 'literal' ? expression.value : undefined,
    indexes: expression.kind === 'column' ? (printing.indexes.get(expression.id) ?? []) : [],
    isRelation: false,
  };
}

/**
 * A predicate where null counts as false: conjunctions and disjunctions need no null handling there, and stay plain so
 * that the engine can use its indexes for them.
 */
export function printPredicate(expression: Expression, printing: Printing): Sql {
  if (expression.kind === 'call' && (expression.name === 'and' || expression.name === 'or')) {
    const parts = flatten(expression, expression.name).map((part) => printPredicate(part, printing));
    return joinSql(parts, expression.name === 'and' ? ' AND ' : ' OR ');
  }
  return predicateOf(expression, printing) ?? printExpression(expression, printing).sql;
}

function predicateOf(expression: Expression, printing: Printing): Sql | undefined {
  if (expression.kind !== 'call') return undefined;
  const entry = FUNCTIONS[expression.name];
  return entry?.predicate?.(expression.args.map((arg, i) => coerced(arg, entry.params, i, printing)));
}

function flatten(expression: Expression, name: string): Expression[] {
  if (expression.kind === 'call' && expression.name === name)
    return expression.args.flatMap((arg) => flatten(arg, name));
  return [expression];
}
