import { type KustoObject, listOf } from './kusto.ts';
import type { Edit } from './positions.ts';
import { endOf, formOf, nodesOf, textOf } from './tree.ts';

export interface FuzzyLegs {
  readonly edits: readonly Edit[];
  /** The names that nothing declares. */
  readonly unknown: readonly string[];
}

/**
 * `union isfuzzy=true A, B` leaves out the legs whose tables nobody knows, as long as one is left: they are cut out of
 * the text, so that the columns of what is left are certain.
 * Source: https://learn.microsoft.com/kusto/query/union-operator
 */
export function fuzzyLegs(root: KustoObject, text: string): FuzzyLegs {
  const edits: Edit[] = [];
  const unknown: string[] = [];
  for (const node of nodesOf(root)) {
    if (formOf(node) !== 'UnionOperator' || !/\bisfuzzy\s*=\s*true\b/i.test(textOf(node))) continue;
    const legs = listOf(node.Expressions).map((element) => element.Element$1 ?? element);
    const lost = legs.map(unknownTable);
    const piped = formOf(node.Parent) === 'PipeExpression';
    if (!piped && lost.every((name) => name !== undefined)) continue;
    if (piped && legs.length === lost.filter((name) => name !== undefined).length) continue;
    legs.forEach((leg, i) => {
      const name = lost[i];
      if (name === undefined) return;
      unknown.push(name);
      const next = legs.slice(i + 1).findIndex((_, j) => lost[i + 1 + j] === undefined);
      edits.push(next < 0 ? cutBefore(leg, text) : cutAfter(leg, text));
    });
  }
  return { edits, unknown };
}

/** The leg and the comma after it. */
function cutAfter(leg: KustoObject, text: string): Edit {
  const comma = text.indexOf(',', endOf(leg));
  return { start: leg.TextStart, length: comma + 1 - leg.TextStart, text: ' ' };
}

/** The leg and the comma before it. */
function cutBefore(leg: KustoObject, text: string): Edit {
  const comma = text.lastIndexOf(',', leg.TextStart);
  return { start: comma, length: endOf(leg) - comma, text: ' ' };
}

/** The first table that a leg names and nothing declares; the binder gives it a table of any columns. */
function unknownTable(leg: KustoObject): string | undefined {
  for (const node of nodesOf(leg)) {
    if (formOf(node) !== 'NameReference' || node.ReferencedSymbol) continue;
    const type = node.ResultType;
    if (type?.IsOpen === true || (type?.IsError === true && node.SimpleName.includes('*')))
      return node.SimpleName;
  }
  return undefined;
}
