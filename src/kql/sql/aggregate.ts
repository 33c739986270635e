import { AGGREGATIONS } from '../aggregates/index.ts';
import type { CallContext } from '../functions/registry.ts';
import type { Aggregate, Field } from '../plan/relation.ts';
import { coerced, printExpression } from './expression.ts';
import { type Building, isCut, type Select } from './select.ts';

/** Aggregations whose value does not hang on the order of the rows: a sort below them is left out. */
const ANY_ORDER: ReadonlySet<string> = new Set([
  'count',
  'countif',
  'count_distinct',
  'count_distinctif',
  'dcount',
  'dcountif',
  'sum',
  'sumif',
  'avg',
  'avgif',
  'min',
  'minif',
  'max',
  'maxif',
]);

export function aggregateSelect({ input, fields, keys, aggregates }: Aggregate, building: Building): Select {
  const built = building.build(input);
  const ordered = isCut(built) || aggregates.some(({ name }) => !ANY_ORDER.has(name));
  const grouped = building.open(ordered ? built : { ...built, orderBy: [] }, 'group');
  const definitions = new Map(grouped.definitions);
  keys.forEach((key, i) => {
    definitions.set((fields[i] as Field).id, printExpression(key, building).sql);
  });
  aggregates.forEach((aggregate, i) => {
    const entry = AGGREGATIONS[aggregate.name];
    if (!entry) throw new Error(`no registry entry for the aggregation \`${aggregate.name}\``);
    const context: CallContext = { type: aggregate.type, nowTicks: building.nowTicks };
    const args = aggregate.args.map((arg, j) => coerced(arg, entry.params, j, building));
    definitions.set((fields[keys.length + i] as Field).id, entry.sql(args, context));
  });
  const groupBy = fields.slice(0, keys.length).map((field) => field.id);
  const select = { ...grouped, definitions, groupBy, aggregated: true, orderBy: [], fields };
  // Without keys it is the aggregates in the SELECT list that make it one row: they must stand there, read or not.
  return keys.length === 0 ? building.wrap(select) : select;
}
