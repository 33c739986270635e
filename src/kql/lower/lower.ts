import type { CatalogView } from '../../model/table-schema.ts';
import { unsupported } from '../diagnostics.ts';
import type { Node } from '../parse/node.ts';
import type { Field, Relation } from '../plan/relation.ts';
import { holdsNull, type LowerContext, type OperatorLowering, visible } from './context.ts';
import { lowerExpression } from './expression.ts';
import { OPERATORS } from './operators/index.ts';
import { lowerRelation, operatorWord } from './relation.ts';
import { EMPTY_SCOPE, type Scope } from './scope.ts';
import { lowerStatements } from './statements.ts';

export interface LowerOptions {
  readonly nowTicks: bigint;
  readonly lookbackTicks: bigint | undefined;
  readonly interval?: { readonly fromTicks: bigint; readonly toTicks: bigint };
  readonly existing: ReadonlySet<string>;
}

export interface Lowered {
  readonly relation: Relation;
  /** The columns of the answer, in order. */
  readonly fields: readonly Field[];
  readonly warnings: readonly string[];
}

/** The plan of a query: its first statement that yields rows. Throws QueryFault. */
export function lowerQuery(root: Node, catalog: CatalogView, options: LowerOptions): Lowered {
  const context = makeContext(catalog, options);
  let scope: Scope = EMPTY_SCOPE;
  for (const statement of root.items('Statements')) {
    if (statement.form === 'ExpressionStatement') {
      const expression = statement.need('Expression');
      const relation = resultOf(expression, scope, context);
      return {
        relation,
        fields: visible(relation.fields).filter((field) => !field.hidden),
        warnings: context.warnings,
      };
    }
    scope = lowerStatements([statement], scope, context);
  }
  throw unsupported('a query without a tabular expression', root);
}

/** A query may also be one scalar: its answer is one row. */
function resultOf(expression: Node, scope: Scope, context: LowerContext): Relation {
  if (expression.bound?.kind !== 'scalar') return context.relation(expression, scope);
  const value = context.expression(expression, scope);
  return { kind: 'values', fields: [context.field('print_0', value.type)], rows: [[value]] };
}

function makeContext(catalog: CatalogView, options: LowerOptions): LowerContext {
  let nextId = 0;
  const context: LowerContext = {
    catalog,
    nowTicks: options.nowTicks,
    lookbackTicks: options.lookbackTicks,
    interval: options.interval,
    existing: options.existing,
    warnings: [],
    named: new Map(),
    field(name, type, nullable = true, hidden = false) {
      const field = { id: nextId++, name, type, nullable: holdsNull(type, nullable) };
      return hidden ? { ...field, hidden } : field;
    },
    expression: (node, scope) => lowerExpression(node, scope, context),
    relation: (node, scope) => lowerRelation(node, scope, context),
    operator: (node, input, scope) => operatorFor(node)(node, input, scope, context),
  };
  return context;
}

function operatorFor(node: Node): OperatorLowering {
  const lowering = OPERATORS[node.form];
  if (!lowering) throw unsupported(`the operator \`${operatorWord(node)}\``, node);
  return lowering;
}
