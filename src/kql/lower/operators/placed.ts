import type { Node } from '../../parse/node.ts';
import type { Expression } from '../../plan/expression.ts';
import type { Field, Relation } from '../../plan/relation.ts';
import { boundColumns, type LowerContext, mayBeNull, refer } from '../context.ts';
import { findField } from '../scope.ts';

/**
 * The row with some columns replaced or added, in the binder's order. Columns that the binder does not know (hidden
 * ones, the arrival time) follow.
 */
export function placed(
  node: Node,
  input: Relation,
  row: readonly Field[],
  values: ReadonlyMap<string, Expression>,
  context: LowerContext,
): Relation {
  const columns = boundColumns(node);
  const names = new Set(columns.map((column) => column.name));
  const fields: Field[] = [];
  const expressions: Expression[] = [];
  const keep = (field: Field): void => {
    fields.push(field);
    expressions.push(refer(field));
  };
  for (const { name } of columns) {
    const value = values.get(name);
    const field = value ? undefined : findField(row, name);
    if (value) {
      fields.push(context.field(name, value.type, mayBeNull(value)));
      expressions.push(value);
    } else if (field) keep(field);
    else throw new Error(`${node.kind}: nothing gives the column \`${name}\``);
  }
  for (const field of row) if (!names.has(field.name)) keep(field);
  return { kind: 'project', input, fields, expressions };
}

/**
 * The output names of expressions in order: the written ones; a plain name is its own; the rest takes the names that
 * the binder invented, which are new to the row, or replaces the column of the row that `kept` names.
 */
export function outputNames(
  written: readonly (string | undefined)[],
  node: Node,
  row: readonly Field[],
  kept: readonly (string | undefined)[] = [],
): string[] {
  const taken = new Set([...row.map((field) => field.name), ...written]);
  const invented = boundColumns(node)
    .map((column) => column.name)
    .filter((name) => !taken.has(name));
  return written.map((name, i) => {
    const own = name ?? invented.shift() ?? kept[i];
    if (own === undefined) throw new Error(`${node.kind}: a result has no name`);
    return own;
  });
}
