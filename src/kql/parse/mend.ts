import { ENRICHMENTS } from '../enrichments.ts';
import { type KustoObject, listOf } from './kusto.ts';
import type { Edit } from './positions.ts';
import { above, endOf, formOf, nodeAt, nodesOf, textOf } from './tree.ts';

/**
 * What the hunting service takes and the binder does not, judging by the queries that people publish: each rule turns
 * one fault into an edit after which the text means the same and binds. A fault that no rule knows stays a fault.
 */
type Rule = (fault: KustoObject, root: KustoObject, text: string) => readonly Edit[];

const RULES: Readonly<Record<string, Rule>> = {
  KS006: trailingComma,
  KS107: (fault, root, text) => [
    ...countedColumn(fault, root, text),
    ...negatedTerm(fault, root, text),
    ...pathAsArray(fault, root),
  ],
  KS116: typedPathColumns,
  KS141: expandedString,
  KS142: (fault, root, text) => {
    const named = [...quotedColumn(fault, root), ...innerNodeId(fault, root)];
    return named.length > 0 ? named : pathIntoString(fault, root, text);
  },
  KS147: pathIntoString,
  KS171: repeatedColumn,
  KS183: swappedSides,
  KS234: pathAsArray,
  KS250: directive,
};

/** The edits that mend these faults, none of them over another. */
export function mendsFor(faults: readonly KustoObject[], root: KustoObject, text: string): readonly Edit[] {
  const edits: Edit[] = [];
  for (const fault of faults) {
    for (const edit of RULES[fault.Code]?.(fault, root, text) ?? []) {
      const clash = edits.some(
        (other) =>
          (other.start === edit.start && other.length === edit.length && other.text === edit.text) ||
          (other.start < edit.start + edit.length && edit.start < other.start + other.length),
      );
      if (!clash) edits.push(edit);
    }
  }
  return edits;
}

/** `[1, 2, ]`: blanks the comma. */
function trailingComma(fault: KustoObject, _root: KustoObject, text: string): readonly Edit[] {
  const before = text.slice(0, fault.Start).trimEnd();
  const after = text.slice(fault.Start).trimStart();
  const last = /^[)\]}|;]|^$/.test(after) && before.endsWith(',') && !/,\s*,$/.test(before);
  return last ? [{ start: before.length - 1, length: 1, text: ' ' }] : [];
}

/** `#connect ...` is for other tools: the line is blanked. */
function directive(fault: KustoObject, _root: KustoObject, text: string): readonly Edit[] {
  const start = text.lastIndexOf('\n', fault.Start) + 1;
  const end = text.indexOf('\n', start);
  const length = (end < 0 ? text.length : end) - start;
  return [{ start, length, text: ' '.repeat(length) }];
}

/** `count(Column)` counts rows, under the column's name. */
function countedColumn(fault: KustoObject, root: KustoObject, text: string): readonly Edit[] {
  const call = above(
    nodeAt(root, ['NameReference', 'PathExpression'], fault.Start),
    'FunctionCallExpression',
  );
  if (call?.Name?.SimpleName !== 'count' || call.ArgumentList.Expressions.Count !== 1) return [];
  const blank = { start: fault.Start, length: fault.Length, text: ' '.repeat(fault.Length) };
  const unnamed =
    formOf(call.Parent) === 'SeparatedElement' &&
    /^[A-Za-z_]\w*$/.test(text.slice(fault.Start, fault.Start + fault.Length));
  if (!unnamed) return [blank];
  return [
    blank,
    {
      start: call.TextStart,
      length: 0,
      text: `count_${text.slice(fault.Start, fault.Start + fault.Length)} = `,
    },
  ];
}

/** `search not("x")`: a bare term is true where any column holds it, inside a function too. */
function negatedTerm(fault: KustoObject, root: KustoObject, text: string): readonly Edit[] {
  const term = nodeAt(root, ['LiteralExpression'], fault.Start);
  const call = term && above(term, 'FunctionCallExpression');
  if (call?.Name?.SimpleName !== 'not' || !above(call, 'SearchOperator')) return [];
  return /^[@h]*['"]/.test(text.slice(fault.Start)) ? [{ start: fault.Start, length: 0, text: '*:' }] : [];
}

/** `mv-expand Column` of a string column expands the JSON in it. */
function expandedString(fault: KustoObject, root: KustoObject): readonly Edit[] {
  const name = nodeAt(root, ['NameReference'], fault.Start);
  const expansion = name && (above(name, 'MvExpandOperator') ?? above(name, 'MvApplyOperator'));
  if (!expansion || name.ResultType?.Name !== 'string') return [];
  const named = formOf(name.Parent) === 'SimpleNamedExpression' ? '' : `['${name.SimpleName}'] = `;
  return [{ start: fault.Start, length: fault.Length, text: `${named}parse_json(['${name.SimpleName}'])` }];
}

/** `invoke FileProfile(SHA1)`: the parameter takes a column's name. */
function quotedColumn(fault: KustoObject, root: KustoObject): readonly Edit[] {
  const name = nodeAt(root, ['NameReference'], fault.Start);
  const call = name && above(name, 'FunctionCallExpression');
  if (!call || formOf(call.Parent) !== 'InvokeOperator' || name === call.Name) return [];
  const known = ENRICHMENTS.some((enrichment) => enrichment.name === call.Name.SimpleName);
  return known ? [{ start: fault.Start, length: fault.Length, text: JSON.stringify(name.SimpleName) }] : [];
}

/** `map(inner_nodes(e), station)` where `station` is the only property that nodes have: the binder loses its name. */
function innerNodeId(fault: KustoObject, root: KustoObject): readonly Edit[] {
  const name = nodeAt(root, ['NameReference'], fault.Start);
  const call = name && above(name, 'FunctionCallExpression');
  if (!call || !['all', 'any', 'map'].includes(call.Name?.SimpleName)) return [];
  for (const node of nodesOf(root)) {
    if (formOf(node) !== 'MakeGraphOperator') continue;
    if (node.WithClause?.Name?.SimpleName !== name.SimpleName) continue;
    const type = node.SourceColumn?.ResultType?.Name ?? 'string';
    const id = type === 'string' ? 'node_id()' : `to${type}(node_id())`;
    return [{ start: fault.Start, length: fault.Length, text: id }];
  }
  return [];
}

/** What a graph operator projects of a path is dynamic to the binder, even `array_length(e)`: its type is told again. */
function typedPathColumns(_fault: KustoObject, root: KustoObject): readonly Edit[] {
  const edits: Edit[] = [];
  for (const node of nodesOf(root)) {
    if (!['GraphMatchOperator', 'GraphShortestPathsOperator'].includes(formOf(node) ?? '')) continue;
    const told = listOf(node.ProjectClause?.Expressions).flatMap((element) => {
      const item = element.Element$1 ?? element;
      const type = formOf(item) === 'SimpleNamedExpression' ? item.Expression.ResultType?.Name : undefined;
      if (type === undefined || !CONVERTED.has(type)) return [];
      return [`['${item.Name.SimpleName}'] = to${type}(['${item.Name.SimpleName}'])`];
    });
    const text = ` | extend ${told.join(', ')}`;
    if (told.length > 0) edits.push({ start: endOf(node.ProjectClause), length: 0, text });
  }
  return edits;
}

const CONVERTED: ReadonlySet<string> = new Set([
  'bool',
  'datetime',
  'guid',
  'int',
  'long',
  'real',
  'string',
  'timespan',
]);

/** `array_length(e)` of an edge of variable length, which stands for the array of its edges. */
function pathAsArray(fault: KustoObject, root: KustoObject): readonly Edit[] {
  const name = nodeAt(root, ['NameReference'], fault.Start);
  const isPath = [...nodesOf(root)].some(
    (node) =>
      formOf(node) === 'GraphMatchPatternEdge' && node.Range && node.Name?.SimpleName === name?.SimpleName,
  );
  return isPath ? [{ start: fault.Start, length: fault.Length, text: `map(${name.SimpleName}, 1)` }] : [];
}

/** `AdditionalFields.x` and `AdditionalFields["x"]` on a string column read the JSON in it. */
function pathIntoString(fault: KustoObject, root: KustoObject, text: string): readonly Edit[] {
  for (const node of nodesOf(root)) {
    const form = formOf(node);
    if (form !== 'PathExpression' && form !== 'ElementExpression') continue;
    const selector = node.Selector;
    const hit = selector?.TextStart <= fault.Start && fault.Start < endOf(selector);
    if (!hit || node.Expression.ResultType?.Name !== 'string') continue;
    const start = node.Expression.TextStart;
    const length = node.Expression.Width;
    return [{ start, length, text: `parse_json(${text.slice(start, start + length)})` }];
  }
  return [];
}

/** `project A, A` answers `A` and `A1`. */
function repeatedColumn(fault: KustoObject, root: KustoObject): readonly Edit[] {
  const name = nodeAt(root, ['NameReference'], fault.Start);
  const operator = name && above(name, 'ProjectOperator');
  if (!operator || formOf(name.Parent) !== 'SeparatedElement') return [];
  const taken = new Set<string>();
  for (const column of listOf(operator.ResultType?.Columns)) taken.add(column.Name);
  const own: string = name.SimpleName;
  let n = 1;
  while (taken.has(`${own}${n}`)) n++;
  return [{ start: fault.Start, length: 0, text: `${own}${n} = ` }];
}

/** `$right.a == $left.b` is `$left.b == $right.a`. */
function swappedSides(fault: KustoObject, root: KustoObject, text: string): readonly Edit[] {
  for (const node of nodesOf(root)) {
    if (formOf(node) !== 'BinaryExpression' || node.TextStart > fault.Start || endOf(node) <= fault.Start)
      continue;
    const { Left: left, Right: right } = node;
    if (!/^\$right\b/.test(textOf(left)) || !/^\$left\b/.test(textOf(right))) continue;
    const start = left.TextStart;
    const between = text.slice(endOf(left), right.TextStart);
    const swapped = `${text.slice(right.TextStart, endOf(right))}${between}${text.slice(start, endOf(left))}`;
    return [{ start, length: endOf(right) - start, text: swapped }];
  }
  return [];
}
