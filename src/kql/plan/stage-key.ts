import { createHash } from 'node:crypto';
import type { Json } from '../beside/contract.ts';
import type { Relation } from './relation.ts';
import { renumbered } from './renumber.ts';

/** The same relation with its columns counted from 0, in the order of the tree: the same for every compilation. */
export function counted(relation: Relation): Relation {
  let next = 0;
  return renumbered(relation, () => next++);
}

/** Names work on relations: the same key for the same plan and options, whatever its columns' ids. */
export function stageKey(what: string, inputs: readonly Relation[], options: Json): string {
  const text = JSON.stringify([what, inputs.map(counted), options], (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
