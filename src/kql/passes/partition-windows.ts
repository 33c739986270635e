import type { Expression } from '../plan/expression.ts';
import { mapRelations } from '../plan/map.ts';
import type { Filter, Project, Relation, Window } from '../plan/relation.ts';

/**
 * `sort by DeviceId asc, Timestamp asc | where prev(FileName) == "cmd.exe" and prev(DeviceId) == DeviceId`: only rows are
 * kept whose neighbour has the same device, so each device's rows are sorted and looked at by themselves, on all cores.
 */
export function partitionWindows(relation: Relation): Relation {
  return mapRelations(relation, (node) =>
    node.kind === 'filter' ? (descended(node, equalColumns(node.predicate)) ?? node) : node,
  );
}

/** Ids of two columns. */
type Pair = readonly [number, number];

/** The columns that the predicate demands to be equal. */
function equalColumns(predicate: Expression): readonly Pair[] {
  if (predicate.kind !== 'call') return [];
  if (predicate.name === 'and') return predicate.args.flatMap(equalColumns);
  const [left, right] = predicate.args;
  return predicate.name === '==' && left?.kind === 'column' && right?.kind === 'column'
    ? [[left.id, right.id]]
    : [];
}

/** The relation with the window below it partitioned; undefined where there is none, or the pairs do not allow it. */
function descended(node: Relation, pairs: readonly Pair[]): Relation | undefined {
  if (pairs.length === 0) return undefined;
  switch (node.kind) {
    case 'filter':
      return over(node, pairs);
    case 'project':
      return over(
        node,
        pairs.flatMap(([left, right]) => below(node, left, right)),
      );
    case 'window':
      return partitioned(node, pairs);
    default:
      return undefined;
  }
}

function over(node: Filter | Project, pairs: readonly Pair[]): Relation | undefined {
  const input = descended(node.input, pairs);
  return input && { ...node, input };
}

/** The pair by the names that its columns have below the projection, if both are only named there. */
function below({ fields, expressions }: Project, left: number, right: number): readonly Pair[] {
  const [a, b] = [left, right].map((id) => expressions[fields.findIndex((field) => field.id === id)]);
  return a?.kind === 'column' && b?.kind === 'column' ? [[a.id, b.id]] : [];
}

function partitioned(window: Window, pairs: readonly Pair[]): Relation | undefined {
  const { input, calls, fields } = window;
  if (input.kind !== 'sort') return undefined;
  const key = input.keys[0];
  if (key?.expression.kind !== 'column' || key.expression.type === 'dynamic') return undefined;
  const { id, type } = key.expression;
  const added = fields.slice(input.fields.length);
  const isKept = (name: string) =>
    calls.some(({ name: own, args: [value] }, i) => {
      const field = added[i]?.id;
      const isOfKey = own === name && value?.kind === 'column' && value.id === id;
      return (
        isOfKey && pairs.some((pair) => pair.includes(id) && field !== undefined && pair.includes(field))
      );
    });
  // Where there is no neighbour '' stands for it, which is equal to the key of those rows that come first of all.
  const isEdge = (name: string) => type !== 'string' || (name === 'prev') !== key.descending;
  const isPossible = calls.every((call) => isNext(call) && isKept(call.name) && isEdge(call.name));
  return isPossible ? { ...window, within: id } : undefined;
}

/** Whether it is the very next row, before or after, that the call looks at. */
function isNext({ name, args: [, offset, fallback] }: Window['calls'][number]): boolean {
  if (name !== 'prev' && name !== 'next') return false;
  return (
    fallback === undefined && (offset === undefined || (offset.kind === 'literal' && offset.value === 1n))
  );
}
