import type { Json } from '../../beside/contract.ts';
import { QueryFault } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import { NeedsColumns } from '../../plan/columns-need.ts';
import type { Relation } from '../../plan/relation.ts';
import { stageKey } from '../../plan/stage-key.ts';
import { type LowerContext, placeOf } from '../context.ts';

/**
 * A plug-in whose columns depend on the rows of `query`, unless its author has written a schema: the lowering ends here
 * until a stage has told them, and they were bound as the plug-in's schema.
 */
export function requireColumns(
  node: Node,
  maker: string,
  query: () => Relation,
  options: Json,
  context: LowerContext,
): void {
  const { slot } = node;
  const known = context.made.get(slot);
  const hasSchema = node.child('Schema') !== undefined;
  if (known === undefined && hasSchema) return;
  const question = query();
  if (known?.has(stageKey(maker, [question], options)) !== true) {
    throw new NeedsColumns({
      plugin: maker,
      query: question,
      maker,
      options,
      slot,
      place: placeOf(node),
      nowTicks: context.nowTicks,
    });
  }
  if (!hasSchema)
    throw new QueryFault(
      'SPOOR006',
      'unsupported',
      `the columns that \`${maker}\` makes do not fit the query`,
      node,
    );
}
