import { type KustoObject, listOf } from './kusto.ts';
import type { Edit } from './positions.ts';
import { endOf, formOf, nodesOf, textOf } from './tree.ts';

/**
 * `evaluate bag_unpack(b)` makes columns that depend on the data. Where a later operator names the columns it keeps,
 * only the named ones matter: they are written into the query as the plug-in's schema, as text if the query binds so,
 * else as dynamics. Where none does, the query is left as it is, and lowering refuses it.
 * Source: https://learn.microsoft.com/kusto/query/bag-unpack-plugin
 */
export function unpackSchemas<R>(
  root: KustoObject,
  attempt: (edits: readonly Edit[]) => { readonly faults: readonly KustoObject[]; readonly accept: R },
): R | undefined {
  const unpacks = [...nodesOf(root)].filter(isOpenUnpack);
  if (unpacks.length === 0 || !unpacks.every((node) => isClosedLater(node, root))) return undefined;
  const names = unknownNames(root);
  const schemas = (type: (name: string) => string): readonly Edit[] =>
    unpacks.map((node) => ({ start: endOf(node), length: 0, text: schemaOf(node, names, type) }));

  const asText = attempt(schemas(() => 'string'));
  if (asText.faults.length === 0) return asText.accept;
  const faulty = asText.faults.map((fault) => `${fault.Message}`).join('\n');
  const doubtful = new Set(names.filter((name) => faulty.includes(`'${name}'`)));
  const mixed = attempt(schemas((name) => (doubtful.has(name) ? 'dynamic' : 'string')));
  if (mixed.faults.length === 0) return mixed.accept;
  const asDynamic = attempt(schemas(() => 'dynamic'));
  return asDynamic.faults.length === 0 ? asDynamic.accept : asText.accept;
}

function isOpenUnpack(node: KustoObject): boolean {
  return (
    formOf(node) === 'EvaluateOperator' &&
    node.FunctionCall?.Name?.SimpleName === 'bag_unpack' &&
    !(node.Schema && !node.Schema.IsMissing)
  );
}

/** Names that the binder could only guess: columns without a type. */
function unknownNames(root: KustoObject): readonly string[] {
  const names = new Set<string>();
  for (const node of nodesOf(root)) {
    if (formOf(node) === 'NameReference' && node.ResultType?.Name === 'unknown') names.add(node.SimpleName);
  }
  return [...names].filter((name) => /^[\w ]+$/.test(name)).sort();
}

function schemaOf(node: KustoObject, names: readonly string[], type: (name: string) => string): string {
  const prefix = prefixOf(node);
  const added = names.filter((name) => name.startsWith(prefix)).map((name) => `['${name}']:${type(name)}`);
  return ` : (${['*', ...added].join(', ')})`;
}

function prefixOf(node: KustoObject): string {
  const args = listOf(node.FunctionCall.ArgumentList.Expressions).map(
    (element) => element.Element$1 ?? element,
  );
  for (const [i, arg] of args.entries()) {
    const named = formOf(arg) === 'SimpleNamedExpression';
    if (named && arg.Name.SimpleName !== 'OutputColumnPrefix') continue;
    if (named || i === 1) return String((named ? arg.Expression : arg).LiteralValue ?? '');
  }
  return '';
}

/** Does an operator that follows, here or where a `let` is used, keep named columns only? */
function isClosedLater(node: KustoObject, root: KustoObject, depth = 0): boolean {
  if (depth > 8) return false;
  for (let below = node, up = node.Parent; up; below = up, up = up.Parent) {
    const form = formOf(up);
    if (form === 'PipeExpression' && below !== up.Operator && closes(up.Operator)) return true;
    if (form === 'JoinOperator' && keepsLeftOnly(up)) return true;
    if (form === 'LetStatement') {
      const uses = [...nodesOf(root)].filter(
        (other) => formOf(other) === 'NameReference' && other.SimpleName === up.Name.SimpleName,
      );
      return uses.length > 0 && uses.every((use) => isClosedLater(use, root, depth + 1));
    }
    if (form === 'InExpression' || form === 'ToScalarExpression') return true;
  }
  return false;
}

function keepsLeftOnly(join: KustoObject): boolean {
  return /kind\s*=\s*left(semi|anti)/.test(textOf(join));
}

function closes(operator: KustoObject): boolean {
  const star = [...nodesOf(operator)].some((node) => formOf(node) === 'StarExpression');
  switch (formOf(operator)) {
    case 'ProjectOperator':
    case 'CountOperator':
      return true;
    case 'SummarizeOperator':
    case 'DistinctOperator':
    case 'MakeSeriesOperator':
      return !star;
    case 'ProjectKeepOperator':
      return !textOf(operator).includes('*');
    default:
      return false;
  }
}
