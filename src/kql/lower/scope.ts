import type { Node } from '../parse/node.ts';
import type { Expression } from '../plan/expression.ts';
import type { Field, Relation } from '../plan/relation.ts';

/** What a name of the query (a let, a parameter) stands for. Relations are lowered anew at each use: ids are unique. */
export type Binding =
  | { readonly kind: 'scalar'; readonly expression: Expression }
  | { readonly kind: 'relation'; readonly lower: () => Relation }
  | {
      readonly kind: 'function';
      readonly scope: Scope;
      readonly body: Node;
      readonly parameters: readonly string[];
      /** Written `view ()`: wildcards of `union` and `search` find it. */
      readonly isView: boolean;
    }
  /** `let G = entity_group [...]`. */
  | { readonly kind: 'entities'; readonly group: Node }
  | { readonly kind: 'pattern'; readonly scope: Scope; readonly declaration: Node }
  /** A name that a restriction has taken away. */
  | { readonly kind: 'denied' }
  /** Which stored tables may be read: see restrict.ts. */
  | { readonly kind: 'restriction'; readonly allows: (table: string) => boolean };

/** What a name may mean at a place: the row's columns first, then the query's names. */
export interface Scope {
  readonly row: readonly Field[];
  /** The right side's columns inside a join condition. */
  readonly rightRow?: readonly Field[];
  readonly names: ReadonlyMap<string, Binding>;
}

export const EMPTY_SCOPE: Scope = { row: [], names: new Map() };

export function withRow(scope: Scope, row: readonly Field[]): Scope {
  return { row, names: scope.names };
}

export function withName(scope: Scope, name: string, binding: Binding): Scope {
  return { ...scope, names: new Map(scope.names).set(name, binding) };
}

/** The column of that name; a visible one before a hidden one. */
export function findField(row: readonly Field[], name: string): Field | undefined {
  return (
    row.find((field) => field.name === name && !field.hidden) ?? row.find((field) => field.name === name)
  );
}
