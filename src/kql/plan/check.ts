import { expressionsOf, inputsOf } from './copy.ts';
import type { Expression } from './expression.ts';
import type { Field, Relation } from './relation.ts';

/**
 * The invariants of a plan, for tests: every column is in scope where it is read, no two relations define one id, and
 * lists that belong together are of one length. Throws on the first breach: it is a bug of ours, never of the query.
 */
export function checkPlan(relation: Relation): void {
  check(relation, new Map());
}

function check(relation: Relation, makers: Map<number, Relation>): void {
  const inputs = inputsOf(relation);
  for (const input of inputs) check(input, makers);
  const scope = new Set(inputs.flatMap((input) => input.fields.map((field) => field.id)));
  for (const expression of expressionsOf(relation)) checkExpression(expression, scope, relation, makers);
  for (const field of relation.fields) {
    if (scope.has(field.id)) continue;
    const maker = makers.get(field.id);
    if (maker !== undefined)
      breach(relation, `defines the column ${field.name} that a ${maker.kind} defines too`);
    makers.set(field.id, relation);
  }
  checkLengths(relation);
}

function checkExpression(
  expression: Expression,
  scope: ReadonlySet<number>,
  relation: Relation,
  makers: Map<number, Relation>,
): void {
  switch (expression.kind) {
    case 'column':
      if (!scope.has(expression.id))
        breach(relation, `reads a column that its input does not have (type ${expression.type})`);
      return;
    case 'call':
      for (const arg of expression.args) checkExpression(arg, scope, relation, makers);
      return;
    case 'subquery':
      // A constant of the query may be used at many places: each is a statement of its own.
      check(expression.input, new Map());
      return;
    case 'literal':
      return;
  }
}

function checkLengths(relation: Relation): void {
  const same = (a: number, b: number): void => {
    if (a !== b) breach(relation, `has ${a} of what should be ${b}`);
  };
  switch (relation.kind) {
    case 'project':
      same(relation.expressions.length, relation.fields.length);
      break;
    case 'aggregate':
      same(relation.keys.length + relation.aggregates.length, relation.fields.length);
      break;
    case 'union':
      for (const input of relation.inputs) same(input.fields.length, relation.fields.length);
      break;
    case 'values':
      for (const row of relation.rows) same(row.length, relation.fields.length);
      break;
    case 'window':
      same(relation.input.fields.length + relation.calls.length, relation.fields.length);
      break;
    case 'filter':
    case 'sort':
    case 'limit':
    case 'limit-by':
      subset(relation, relation.fields, relation.input.fields);
      break;
    default:
      break;
  }
}

function subset(relation: Relation, fields: readonly Field[], of: readonly Field[]): void {
  const ids = new Set(of.map((field) => field.id));
  for (const field of fields)
    if (!ids.has(field.id)) breach(relation, `shows the column ${field.name} that its input does not have`);
}

/** A pass keeps the schema of the answer. */
export function checkSameOutput(before: Relation, after: Relation, output: readonly Field[]): void {
  const types = new Map(after.fields.map((field) => [field.id, field.type]));
  for (const field of output) {
    if (types.get(field.id) !== field.type) breach(before, `lost the column ${field.name} in a pass`);
  }
}

function breach(relation: Relation, what: string): never {
  throw new Error(`plan: a ${relation.kind} ${what}`);
}
