import { type KustoObject, listOf } from './kusto.ts';
import type { Edit } from './positions.ts';
import { formOf, nodesOf } from './tree.ts';

/**
 * `summarize covariance(x, y)` names its column after both arguments; the binder knows no such rule and names it after
 * the first, so the name is written into the text.
 * Source: https://learn.microsoft.com/kusto/query/covariance-aggregation-function
 */
export function covarianceNames(root: KustoObject): readonly Edit[] {
  const edits: Edit[] = [];
  for (const node of nodesOf(root)) {
    if (formOf(node) !== 'SummarizeOperator') continue;
    for (const element of listOf(node.Aggregates)) {
      const call = element.Element$1 ?? element;
      if (formOf(call) !== 'FunctionCallExpression') continue;
      const name: string = call.Name.SimpleName;
      if (!/^covariancep?(if)?$/.test(name)) continue;
      const [x, y] = listOf(call.ArgumentList.Expressions).map((arg) => arg.Element$1 ?? arg);
      if (formOf(x) !== 'NameReference' || formOf(y) !== 'NameReference') continue;
      edits.push({
        start: call.TextStart,
        length: 0,
        text: `['${name}_${x.SimpleName}_${y.SimpleName}'] = `,
      });
    }
  }
  return edits;
}
