import { QueryFault } from '../diagnostics.ts';
import type { Node } from '../parse/node.ts';
import type { Expression } from '../plan/expression.ts';

/** The columns of all steps of a plan; the longest queries that people publish need some thousands. */
const MAX_FIELDS = 400_000;
/** Syntax nodes lowered, those of a function's body at each of its calls. */
const MAX_NODES = 1_000_000;
/** Calls, columns and constants that one name of the query stands for. */
const MAX_NAMED_SIZE = 100_000;

/** What one query may cost before it is refused: names used twice, each in the next, double it at every step. */
export interface Budget {
  /** To be called for each node lowered and each field made. */
  node(at: Node): void;
  field(): void;
}

export function createBudget(root: Node): Budget {
  let nodes = 0;
  let fields = 0;
  return {
    node(at) {
      if (++nodes > MAX_NODES) throw tooLarge(at);
    },
    field() {
      if (++fields > MAX_FIELDS) throw tooLarge(root);
    },
  };
}

const sizes = new WeakMap<Expression, number>();

/** The expression, unless written out it would be too large: what it holds twice counts twice. */
export function bounded(expression: Expression, node: Node): Expression {
  if (sizeOf(expression) > MAX_NAMED_SIZE) throw tooLarge(node);
  return expression;
}

function sizeOf(expression: Expression): number {
  if (expression.kind !== 'call') return 1;
  const known = sizes.get(expression);
  if (known !== undefined) return known;
  const size = expression.args.reduce((sum, arg) => sum + sizeOf(arg), 1);
  sizes.set(expression, size);
  return size;
}

function tooLarge(at: Node): QueryFault {
  return new QueryFault(
    'SPOOR005',
    'unsupported',
    'the query is too large once its names are written out',
    at,
  );
}
