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
  const open = [...nodesOf(root)].filter(isOpenUnpack);
  const constant = open.flatMap((node) => {
    const schema = constantSchema(node, root);
    return schema === undefined ? [] : [{ start: endOf(node), length: 0, text: schema }];
  });
  if (constant.length > 0) {
    const told = attempt(constant);
    if (told.faults.length === 0 && constant.length === open.length) return told.accept;
  }
  if (open.length === 0 || !open.every((node) => isClosedLater(node, root))) return undefined;
  const names = unknownNames(root);
  const schemas = (type: (name: string) => string): readonly Edit[] =>
    open.map((node) => ({ start: endOf(node), length: 0, text: schemaOf(node, names, type) }));

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

/** The schema of bags that stand in the query as literals: their members in alphabetical order, with their types. */
function constantSchema(node: KustoObject, root: KustoObject): string | undefined {
  const source = constantSource(node.Parent?.Expression, root);
  const first = elementsOf(node.FunctionCall.ArgumentList.Expressions)[0];
  if (!source || formOf(first) !== 'NameReference') return undefined;
  const bags = source.cells(first.SimpleName)?.map(bagOf);
  if (!bags || bags.some((bag) => bag === undefined)) return undefined;
  const prefix = prefixOf(node);
  const ignored = ignoredMembers(node);
  const types = new Map<string, string>();
  for (const bag of bags) {
    for (const [key, value] of Object.entries(bag ?? {})) {
      if (ignored.includes(key) || value === null) continue;
      const type = typeOfValue(value);
      const known = types.get(key);
      types.set(key, known === undefined || known === type ? type : 'dynamic');
    }
  }
  const members = new Map([...types].map(([key, type]) => [`${prefix}${key}`, type]));
  const replaces = /replace_source/.test(textOf(node));
  const columns = source.columns
    .filter((column) => column.name !== first.SimpleName || members.has(column.name))
    .map((column): [string, string] => {
      const member = members.get(column.name);
      members.delete(column.name);
      const taken = member !== undefined && (replaces || column.name === first.SimpleName);
      return [column.name, taken ? member : column.type];
    });
  const added = [...members].sort(([a], [b]) => (a < b ? -1 : 1));
  return ` : (${[...columns, ...added].map(([name, type]) => `['${name}']:${type}`).join(', ')})`;
}

interface ConstantSource {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  cells(column: string): readonly KustoObject[] | undefined;
}

/** A `datatable` or `print` that the plug-in stands right behind, or that a `let` names. */
function constantSource(node: KustoObject, root: KustoObject): ConstantSource | undefined {
  if (!node) return undefined;
  const columns = listOf(node.ResultType?.Columns).map((column) => ({
    name: String(column.Name),
    type: String(column.Type.Name),
  }));
  if (formOf(node) === 'DataTableExpression') {
    const values = elementsOf(node.Values);
    const cells = (column: string): readonly KustoObject[] => {
      const place = columns.findIndex(({ name }) => name === column);
      return values.filter((_, i) => i % columns.length === place);
    };
    return { columns, cells };
  }
  if (formOf(node) === 'PrintOperator') {
    const named = elementsOf(node.Expressions).filter((item) => formOf(item) === 'SimpleNamedExpression');
    const cells = (column: string): readonly KustoObject[] | undefined => {
      const item = named.find((candidate) => candidate.Name.SimpleName === column);
      return item ? [item.Expression] : undefined;
    };
    return { columns, cells };
  }
  if (formOf(node) !== 'NameReference') return undefined;
  const statement = [...nodesOf(root)].find(
    (other) => formOf(other) === 'LetStatement' && other.Name.SimpleName === node.SimpleName,
  );
  return statement ? constantSource(statement.Expression, root) : undefined;
}

function bagOf(cell: KustoObject): Readonly<Record<string, unknown>> | undefined {
  const text = /^dynamic\s*\(([\s\S]*)\)$/.exec(textOf(cell))?.[1];
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function typeOfValue(value: unknown): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'real';
  return 'dynamic';
}

function ignoredMembers(node: KustoObject): readonly string[] {
  const given = /ignoredProperties\s*=\s*dynamic\s*\(\s*\[([^\]]*)\]/.exec(textOf(node))?.[1] ?? '';
  return given.split(',').map((item) => item.trim().replace(/^['"]|['"]$/g, ''));
}

function elementsOf(list: KustoObject): KustoObject[] {
  return listOf(list).map((element) => element.Element$1 ?? element);
}
