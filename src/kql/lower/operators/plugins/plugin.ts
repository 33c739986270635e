import type { Node } from '../../../parse/node.ts';
import type { Relation } from '../../../plan/relation.ts';
import type { LowerContext } from '../../context.ts';
import type { Scope } from '../../scope.ts';

/** What `evaluate name(args)` makes of its input; `node` is the operator, `args` those of the call, named or not. */
export type Plugin = (
  node: Node,
  args: readonly Node[],
  input: Relation,
  scope: Scope,
  context: LowerContext,
) => Relation;
