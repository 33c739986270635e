import { namedPlace } from '../functions/dynamic-path.ts';
import { namedGroup } from '../functions/group-key.ts';
import type { Expression } from '../plan/expression.ts';
import type { Field, Project } from '../plan/relation.ts';
import { columnName, printExpression, unindexed } from './expression.ts';
import type { Building, Select } from './select.ts';

const MAX_WEIGHT = 400;

export function projectSelect({ input, fields, expressions }: Project, building: Building): Select {
  const built = building.build(input);
  const weigh = ({ weights }: Select): number[] =>
    expressions.map((expression) => weightOf(expression, weights));
  const select = weigh(built).some((weight) => weight > MAX_WEIGHT) ? building.wrap(built) : built;
  const weights = new Map(select.weights);
  const definitions = new Map(select.definitions);
  const plain = unindexed(building);
  weigh(select).forEach((weight, i) => {
    const field = fields[i] as Field;
    const expression = expressions[i] as Expression;
    if (expression.kind === 'column' && expression.id === field.id) return;
    // A filter may stand on what is true or false.
    const definition = printExpression(expression, expression.type === 'bool' ? building : plain).sql;
    definitions.set(field.id, definition);
    building.places.set(field.id, namedGroup(namedPlace(columnName(field.id), definition), definition));
    weights.set(field.id, weight);
    const indexes = expression.kind === 'column' ? building.indexes.get(expression.id) : undefined;
    if (indexes) building.indexes.set(field.id, indexes);
    if (isLowCardinality(expression, building)) building.lowCardinality.add(field.id);
  });
  return { ...select, definitions, weights, fields };
}

/** Whether it is a column that the engine keeps with a dictionary. */
export function isLowCardinality(expression: Expression, { lowCardinality }: Building): boolean {
  return expression.kind === 'column' && lowCardinality.has(expression.id);
}

function weightOf(expression: Expression, weights: ReadonlyMap<number, number>): number {
  switch (expression.kind) {
    case 'column':
      return weights.get(expression.id) ?? 1;
    case 'call':
      return 1 + expression.args.reduce((sum, arg) => sum + weightOf(arg, weights), 0);
    default:
      return 1;
  }
}
