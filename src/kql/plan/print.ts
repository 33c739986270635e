import { inputsOf } from './copy.ts';
import type { Expression } from './expression.ts';
import type { Relation } from './relation.ts';
import type { Plan } from './shared.ts';

/** A plan as indented text. Columns show their names, never their ids: goldens must not shift. */
export function printPlan(relation: Relation): string {
  return lines(relation, new Map()).join('\n');
}

/** The same of a whole statement: first what is computed once. */
export function printWhole({ definitions, relation }: Plan): string {
  const shared = definitions.map(
    ({ name, relation: rows }) => `${name} = once\n  ${printPlan(rows).replaceAll('\n', '\n  ')}`,
  );
  return [...shared, printPlan(relation)].join('\n');
}

function lines(relation: Relation, names: Map<number, string>): string[] {
  const inputs = inputsOf(relation).map((input) => lines(input, names));
  for (const field of relation.fields) if (!names.has(field.id)) names.set(field.id, field.name);
  return [describe(relation, names), ...inputs.flat().map((line) => `  ${line}`)];
}

function describe(relation: Relation, names: ReadonlyMap<number, string>): string {
  const show = (expression: Expression): string => printExpression(expression, names);
  switch (relation.kind) {
    case 'scan':
      return `scan ${relation.table} [${relation.fields.map((field) => field.name).join(', ')}]`;
    case 'values':
      return `values ${relation.rows.length} rows [${relation.fields.map((field) => `${field.name}:${field.type}`).join(', ')}]`;
    case 'sequence':
      return `sequence ${relation.fields[0].name} from ${show(relation.from)} to ${show(relation.to)} step ${show(relation.step)}`;
    case 'filter':
      return `filter ${show(relation.predicate)}`;
    case 'project':
      return `project ${relation.fields.map((field, i) => `${field.name} = ${show(relation.expressions[i] as Expression)}`).join(', ')}`;
    case 'aggregate':
      return `aggregate by [${relation.keys.map(show).join(', ')}] [${relation.aggregates.map((a) => `${a.name}(${a.args.map(show).join(', ')})`).join(', ')}]`;
    case 'join':
      return `join ${relation.join} on ${relation.on.map(({ left, right }) => `${show(left)} == ${show(right)}`).join(' and ')}`;
    case 'union':
      return `union [${relation.fields.map((field) => field.name).join(', ')}]`;
    case 'sort':
      return `sort ${relation.keys.map((key) => `${show(key.expression)} ${key.descending ? 'desc' : 'asc'} nulls ${key.nullsFirst ? 'first' : 'last'}`).join(', ')}`;
    case 'limit':
      return `limit ${relation.count}`;
    case 'limit-by':
      return `limit ${relation.count} by ${relation.keys.map(show).join(', ')}`;
    case 'window':
      return `window${relation.within === undefined ? '' : ` within ${names.get(relation.within)}`} ${relation.calls.map((call) => `${call.name}(${call.args.map(show).join(', ')})`).join(', ')}`;
    case 'expand':
      return `expand ${relation.arrays.map(show).join(', ')}`;
    case 'program':
      return `program ${relation.name} [${relation.fields.map((field) => `${field.name}:${field.type}`).join(', ')}]`;
    case 'external':
      return `external ${relation.urls.join(', ')} [${relation.fields.map((field) => `${field.name}:${field.type}`).join(', ')}]`;
  }
}

function printExpression(expression: Expression, names: ReadonlyMap<number, string>): string {
  switch (expression.kind) {
    case 'column':
      return names.get(expression.id) ?? '?';
    case 'literal':
      return expression.value === null
        ? `${expression.type}(null)`
        : `${expression.type}(${JSON.stringify(String(expression.value))})`;
    case 'call':
      return `${expression.name}(${expression.args.map((arg) => printExpression(arg, names)).join(', ')})`;
    case 'subquery':
      return `(${printPlan(expression.input).replace(/\n\s*/g, ' <- ')})`;
  }
}
