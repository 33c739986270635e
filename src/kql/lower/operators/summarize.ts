import type { KqlType } from '../../../model/kql-type.ts';
import { AGGREGATIONS } from '../../aggregates/index.ts';
import { invalid, unsupported } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import { callOf, type Expression } from '../../plan/expression.ts';
import type { AggregateCall, Field, Relation } from '../../plan/relation.ts';
import {
  boundColumns,
  type LowerContext,
  mayBeNull,
  type OperatorLowering,
  refer,
  visible,
} from '../context.ts';
import { lowerExpression } from '../expression.ts';
import { namedExpressions, unnamed } from '../named.ts';
import { type Scope, withRow } from '../scope.ts';
import { groupsInOrder, showsOrder } from './first-seen.ts';

/**
 * Keys first, then aggregates. An expression over aggregates (`round(avg(x), 2)`) becomes a project above.
 * Source: https://learn.microsoft.com/kusto/query/summarize-operator
 */
export const lowerSummarize: OperatorLowering = (node, input, scope, context) => {
  const keyNodes = node.child('ByClause')?.items('Expressions') ?? [];
  if (keyNodes.length === 0 && node.items('Aggregates').length === 0)
    throw invalid('`summarize` needs an aggregation or `by`', node);
  return summarized(keyNodes, node.items('Aggregates'), input, boundColumns(node), scope, context);
};

export function summarized(
  keyNodes: readonly Node[],
  aggregateNodes: readonly Node[],
  input: Relation,
  columns: readonly { readonly name: string; readonly type: KqlType }[],
  scope: Scope,
  context: LowerContext,
): Relation {
  const keys = namedExpressions(keyNodes, withRow(scope, input.fields), context);
  return summarizedBy(keys, keyNodes, aggregateNodes, input, columns, scope, context);
}

/** The same over keys that are lowered already. */
export function summarizedBy(
  keys: readonly Expression[],
  keyNodes: readonly Node[],
  aggregateNodes: readonly Node[],
  input: Relation,
  columns: readonly { readonly name: string; readonly type: KqlType }[],
  scope: Scope,
  context: LowerContext,
): Relation {
  const row = withRow(scope, input.fields);
  const keyFields = keys.map((key, i) => context.field(columns[i]?.name ?? '', key.type, mayBeNull(key)));
  const collector = new Collector(context, row, keyNodes);
  const outputs = aggregateNodes.flatMap((aggregate) => collector.outputs(unnamed(aggregate)));
  const aggregate: Relation = {
    kind: 'aggregate',
    input: showsOrder(collector.calls) ? groupsInOrder(input, context) : input,
    fields: [...keyFields, ...collector.fields],
    keys,
    aggregates: collector.calls,
  };
  const names = columns.slice(keys.length);
  if (outputs.length !== names.length)
    throw new Error(`summarize: ${outputs.length} results for ${names.length} columns`);
  const fields = outputs.map((output, i) =>
    context.field(names[i]?.name ?? '', output.type, mayBeNull(output), collector.isHidden(output)),
  );
  return {
    kind: 'project',
    input: aggregate,
    fields: [...keyFields, ...fields],
    expressions: [...keyFields.map(refer), ...outputs],
  };
}

/** Gathers the aggregate calls of a summarize, and yields what stands in their place. */
class Collector {
  readonly fields: Field[] = [];
  readonly calls: AggregateCall[] = [];
  readonly #hidden = new Set<Expression>();
  readonly #context: LowerContext;
  readonly #row: Scope;
  readonly #keyNames: ReadonlySet<string>;

  constructor(context: LowerContext, row: Scope, keyNodes: readonly Node[]) {
    this.#context = context;
    this.#row = row;
    this.#keyNames = new Set(
      keyNodes.filter((node) => node.form === 'NameReference').map((node) => node.simpleName),
    );
  }

  /** `*` carries a hidden column along, and it stays hidden. */
  isHidden(output: Expression): boolean {
    return (
      output.kind === 'column' && this.fields.some((field) => field.id === output.id && field.hidden === true)
    );
  }

  /** The columns that one aggregate expression yields. */
  outputs(node: Node): Expression[] {
    if (node.form === 'FunctionCallExpression') {
      const spread = this.#spread(node);
      if (spread) return spread;
    }
    return [this.#expression(node)];
  }

  /** Calls with several columns: arg_max, take_any, percentiles. */
  #spread(node: Node): Expression[] | undefined {
    const name = node.need('Name').simpleName;
    const args = node.need('ArgumentList').items('Expressions');
    switch (name) {
      case 'arg_max':
      case 'arg_min':
      case 'argmax':
      case 'argmin':
        return this.#argMax(name.includes('max') ? 'max' : 'min', args);
      case 'take_any':
      case 'any':
        return this.#takeAny(this.#star(args));
      case 'take_anyif':
      case 'anyif': {
        const condition = this.#value(args[1] as Node);
        return [this.#value(args[0] as Node)].map((value) =>
          this.#add('take_anyif', value.type, [value, condition]),
        );
      }
      case 'percentiles':
        return this.#perRank('percentile', args.slice(0, 1), args.slice(1), node);
      case 'percentilesw':
        return this.#perRank('percentilew', args.slice(0, 2), args.slice(2), node);
      default:
        return undefined;
    }
  }

  /** Several values come from one row: the first argument again tells the aggregation so. */
  #takeAny(values: readonly Expression[]): Expression[] {
    const others = values.length > 1 ? values.slice(0, 1) : [];
    return values.map((value) => this.#add('take_any', value.type, [value, ...others]));
  }

  #argMax(side: 'max' | 'min', args: readonly Node[]): Expression[] {
    const key = this.#value(args[0] as Node);
    const name = `arg_${side}`;
    const star = args.some((arg) => arg.form === 'StarExpression');
    const keyColumn = key.kind === 'column' ? key.id : undefined;
    const values = star
      ? this.#star(args.slice(1)).filter((value) => !(value.kind === 'column' && value.id === keyColumn))
      : args.slice(1).map((arg) => this.#value(arg));
    const best = this.#add(name, key.type, [key, key]);
    return [best, ...values.map((value) => this.#add(name, value.type, [value, key]))];
  }

  #perRank(name: string, values: readonly Node[], ranks: readonly Node[], node: Node): Expression[] {
    const args = values.map((value) => this.#value(value));
    const type = args[0]?.type ?? 'real';
    if (ranks.length === 0) throw invalid(`\`${name}\` needs a percentage`, node);
    return ranks.map((rank) => this.#add(name, type, [...args, this.#value(rank)]));
  }

  /** Explicit arguments, with `*` standing for every column that is no key. */
  #star(args: readonly Node[]): Expression[] {
    return args.flatMap((arg) =>
      arg.form === 'StarExpression'
        ? visible(this.#row.row)
            .filter((field) => !this.#keyNames.has(field.name))
            .map((field) => {
              const value = refer(field);
              if (field.hidden) this.#hidden.add(value);
              return value;
            })
        : [this.#value(arg)],
    );
  }

  #value(node: Node): Expression {
    return this.#context.expression(
      node.form === 'SimpleNamedExpression' ? node.need('Expression') : node,
      this.#row,
    );
  }

  /** An expression in which aggregate calls are replaced by their columns. */
  #expression(node: Node): Expression {
    const inner: LowerContext = {
      ...this.#context,
      expression: (child, scope) => this.#replace(child, scope),
    };
    return inner.expression(node, this.#row);
  }

  #replace(node: Node, scope: Scope): Expression {
    if (
      node.form === 'FunctionCallExpression' &&
      AGGREGATIONS[node.need('Name').simpleName] &&
      !node.calledBody()
    ) {
      const name = node.need('Name').simpleName;
      const args = node.need('ArgumentList').items('Expressions');
      if (['arg_max', 'arg_min', 'take_any', 'any'].includes(name)) {
        const only = this.#spread(node);
        if (only?.length === 1) return only[0] as Expression;
      }
      if (node.bound?.kind !== 'scalar') throw unsupported(`\`${name}\` here`, node);
      const column = this.#add(
        name,
        node.bound.type,
        args.map((arg) => this.#context.expression(arg, scope)),
      );
      // The values are collected in the engine, their schema is made beside it.
      return name === 'buildschema' ? callOf('schema_of_values', 'dynamic', column) : column;
    }
    const inner: LowerContext = {
      ...this.#context,
      expression: (child, childScope) => this.#replace(child, childScope),
    };
    return lowerExpression(node, scope, inner);
  }

  #add(name: string, type: KqlType, args: readonly Expression[]): Expression {
    const hidden = args[0] !== undefined && this.#hidden.has(args[0]);
    const field = this.#context.field(name, type, true, hidden);
    this.fields.push(field);
    this.calls.push({ name, args, type });
    return refer(field);
  }
}
