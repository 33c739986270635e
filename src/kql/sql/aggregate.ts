import { AGGREGATIONS } from '../aggregates/index.ts';
import { groupKey } from '../functions/group-key.ts';
import type { CallContext } from '../functions/registry.ts';
import type { Expression } from '../plan/expression.ts';
import type { Aggregate, AggregateCall, Field } from '../plan/relation.ts';
import { coerced, columnName, printExpression, unindexed } from './expression.ts';
import { isLowCardinality } from './project.ts';
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
  const plain = unindexed(building);
  const groupBy = keys.map((key, i) => {
    const { id } = fields[i] as Field;
    const value = printExpression(key, plain).sql;
    definitions.set(id, value);
    const grouped = groupKey(value);
    return grouped === value ? columnName(id) : grouped;
  });
  aggregates.forEach((aggregate, i) => {
    const entry = AGGREGATIONS[aggregate.name];
    if (!entry) throw new Error(`no registry entry for the aggregation \`${aggregate.name}\``);
    const context: CallContext = { type: aggregate.type, nowTicks: building.nowTicks };
    const args = aggregate.args.map((arg, j) => coerced(arg, entry.params, j, plain));
    definitions.set((fields[keys.length + i] as Field).id, entry.sql(args, context));
  });
  const select = { ...grouped, definitions, aggregated: true, orderBy: [], fields };
  if (isDictionary(keys, aggregates, building)) return building.wrap({ ...select, distinct: true });
  // Without keys it is the aggregates in the SELECT list that make it one row: they must stand there, read or not.
  return keys.length === 0 ? building.wrap({ ...select, groupBy }) : { ...select, groupBy };
}

/**
 * The different values of one column with a dictionary, nothing else: the engine's DISTINCT looks at the dictionaries,
 * in half the time that a grouping takes, and what it must remember is small. Of several columns, or of many values, it
 * would be slower, and unlike a grouping it never goes to disk.
 */
function isDictionary(
  keys: readonly Expression[],
  aggregates: readonly AggregateCall[],
  building: Building,
): boolean {
  const [key, ...others] = keys;
  return (
    key !== undefined && others.length === 0 && aggregates.length === 0 && isLowCardinality(key, building)
  );
}
