import type { Visualization } from '../../../model/visualization.ts';
import { unsupported } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import type { Relation } from '../../plan/relation.ts';
import { type LowerContext, mayBeNull, type OperatorLowering, refer } from '../context.ts';
import { copies } from '../functions.ts';
import { lowerPipeline } from '../grouped.ts';
import { type Scope, withRow } from '../scope.ts';
import { visualizationOf } from './render.ts';

/** One of the tables that a text answers. `name` is undefined where the text gives none. */
export interface NamedResult {
  readonly name: string | undefined;
  readonly relation: Relation;
  readonly visualization?: Visualization | undefined;
}

/**
 * Names the rows for what follows in the same statement: `T | as X | ... | join (X) on ...`.
 * Source: https://learn.microsoft.com/kusto/query/as-operator
 */
export const lowerAs: OperatorLowering = (node, input, _scope, context) => {
  const copy = copies(input, context);
  copy();
  context.named.set(node.need('Name').simpleName, copy);
  return input;
};

/** The tables that a tabular expression answers, in order: several behind `fork` and `facet`, else one. */
export function lowerResults(expression: Node, scope: Scope, context: LowerContext): NamedResult[] {
  const pipe = drawn(expression);
  const operator = pipe.form === 'PipeExpression' ? pipe.need('Operator') : undefined;
  if (operator?.form === 'ForkOperator') {
    const input = copies(context.relation(pipe.need('Expression'), scope), context);
    return branches(operator).map((branch) => ({
      name: branch.child('NameEquals')?.need('Name').simpleName ?? nameOf(branch.need('Expression')),
      relation: lowerPipeline(branch.need('Expression'), input(), scope, context),
    }));
  }
  if (operator?.form === 'FacetOperator') {
    const input = copies(context.relation(pipe.need('Expression'), scope), context);
    return facetTables(operator, input, scope, context).map((table) => ({
      name: undefined,
      relation: table(),
    }));
  }
  const relation = context.relation(expression, scope);
  return [{ name: nameOf(pipe), relation, visualization: visualizationOf(expression, relation, context) }];
}

/** Where one table is asked for, it is the first. Source: https://learn.microsoft.com/kusto/query/fork-operator */
export const lowerFork: OperatorLowering = (node, input, scope, context) => {
  const [first, ...others] = branches(node);
  if (!first) throw unsupported('`fork` without a branch', node);
  if (others.length > 0) context.warnings.push('`fork` answers its first table only');
  return lowerPipeline(first.need('Expression'), input, scope, context);
};

/** As `fork`: the first table. */
export const lowerFacet: OperatorLowering = (node, input, scope, context) => {
  const [first, ...others] = facetTables(node, copies(input, context), scope, context);
  if (!first) throw unsupported('`facet` without a column', node);
  if (others.length > 0) context.warnings.push('`facet` answers its first table only');
  return first();
};

function branches(fork: Node): Node[] {
  return fork.items('Expressions');
}

/**
 * The rows of `with`, then each column's values with their counts.
 * Source: https://learn.microsoft.com/kusto/query/facet-operator
 */
function facetTables(
  node: Node,
  input: () => Relation,
  scope: Scope,
  context: LowerContext,
): (() => Relation)[] {
  const rows = node.child('WithClause');
  const counts = node.items('Expressions').map((column) => () => counted(column, input(), scope, context));
  if (!rows) return counts;
  const pipeline = rows.need('Expression');
  return [() => lowerPipeline(pipeline, input(), scope, context), ...counts];
}

function counted(column: Node, input: Relation, scope: Scope, context: LowerContext): Relation {
  const key = context.expression(column, withRow(scope, input.fields));
  const fields = [
    context.field(column.simpleName, key.type, mayBeNull(key)),
    context.field(`count_${column.simpleName}`, 'long', false),
  ];
  const aggregates = [{ name: 'count', args: [], type: 'long' }] as const;
  const aggregate = { kind: 'aggregate', input, fields, keys: [key], aggregates } as const;
  return { kind: 'project', input: aggregate, fields, expressions: fields.map(refer) };
}

/** Without the `render` behind it, which asks for a drawing of the same rows. */
function drawn(node: Node): Node {
  if (node.form === 'ParenthesizedExpression') return drawn(node.need('Expression'));
  const last = node.form === 'PipeExpression' ? node.need('Operator') : undefined;
  return last?.form === 'RenderOperator' ? drawn(node.need('Expression')) : node;
}

/** The name that a last `as` gives. */
function nameOf(node: Node): string | undefined {
  const last = node.form === 'PipeExpression' ? node.need('Operator') : node;
  return last.form === 'AsOperator' ? last.need('Name').simpleName : undefined;
}
