import type { KqlType } from '../../model/kql-type.ts';
import type { Column } from '../../model/table-schema.ts';
import { mergedType, unpackedColumns } from '../beside/columns.ts';
import { type KustoObject, listOf } from './kusto.ts';
import type { MadeColumns } from './made-columns.ts';
import type { Edit, MendedText } from './positions.ts';
import { above, endOf, formOf, nodesOf, textOf } from './tree.ts';

/** A reading of the text with more edits: its faults, and itself. */
type Attempt<R> = (edits: readonly Edit[]) => { readonly faults: readonly KustoObject[]; readonly accept: R };

/**
 * `evaluate bag_unpack(b)` and `evaluate pivot(c)` make columns that depend on the data. Their schema is written into the
 * query once it is known: from bags that stand in the text as literals, or from what a stage found. A name that follows
 * and that no row has is text, or a dynamic if the query does not bind so. A plug-in of which nothing is known yet is left open.
 * Source: https://learn.microsoft.com/kusto/query/bag-unpack-plugin
 */
export function openSchemas<R>(
  root: KustoObject,
  made: MadeColumns,
  text: MendedText,
  attempt: Attempt<R>,
): R | undefined {
  const known = [...nodesOf(root)].filter(isOpen).flatMap((node): Known[] => {
    const found = made.get(slotOf(node, text));
    const columns = found ? merged([...found.values()]) : constantSchema(node, root);
    return columns === undefined ? [] : [{ node, columns }];
  });
  if (known.length === 0) return undefined;
  const written = (names: readonly string[], type: (name: string) => string): readonly Edit[] =>
    known.map(({ node, columns }) => ({
      start: endOf(node),
      length: 0,
      text: schemaText([...columns, ...unseen(node, columns, names, type)]),
    }));

  const told = attempt(written([], () => 'string'));
  if (told.faults.length === 0) return told.accept;
  const names = unknownNames(root).filter((name) =>
    known.every(({ columns }) => columns.every((column) => column.name !== name)),
  );
  const asText = attempt(written(names, () => 'string'));
  if (asText.faults.length === 0) return asText.accept;
  const faulty = asText.faults.map((fault) => `${fault.Message}`).join('\n');
  const doubtful = new Set(names.filter((name) => faulty.includes(`'${name}'`)));
  const mixed = attempt(written(names, (name) => (doubtful.has(name) ? 'dynamic' : 'string')));
  if (mixed.faults.length === 0) return mixed.accept;
  const asDynamic = attempt(written(names, () => 'dynamic'));
  return asDynamic.faults.length === 0 ? asDynamic.accept : asText.accept;
}

interface Known {
  readonly node: KustoObject;
  readonly columns: readonly Column[];
}

const OPEN_PLUGINS: ReadonlySet<string> = new Set(['bag_unpack', 'pivot']);

function isOpen(node: KustoObject): boolean {
  return (
    formOf(node) === 'EvaluateOperator' &&
    OPEN_PLUGINS.has(node.FunctionCall?.Name?.SimpleName) &&
    !(node.Schema && !node.Schema.IsMissing)
  );
}

/** As `Node.slot` names the plug-in's place: in a function's body it is known by its text alone. */
function slotOf(node: KustoObject, text: MendedText): string {
  return above(node, 'FunctionDeclaration')
    ? `text:${textOf(node.FunctionCall)}`
    : `at:${text.original(node.TextStart)}`;
}

/** The columns of several calls of the same body. */
function merged(schemas: readonly (readonly Column[])[]): readonly Column[] {
  const columns = new Map<string, Column['type']>();
  for (const { name, type } of schemas.flat()) columns.set(name, mergedType(columns.get(name), type));
  return [...columns].map(([name, type]) => ({ name, type }));
}

/** Columns that the rest of the query names and no row has. */
function unseen(
  node: KustoObject,
  columns: readonly Column[],
  names: readonly string[],
  type: (name: string) => string,
): readonly { readonly name: string; readonly type: string }[] {
  if (node.FunctionCall.Name.SimpleName === 'pivot') {
    const counted = columns.at(-1)?.type ?? 'long';
    return names.map((name) => ({ name, type: counted }));
  }
  const prefix = prefixOf(node);
  return names.filter((name) => name.startsWith(prefix)).map((name) => ({ name, type: type(name) }));
}

function schemaText(columns: readonly { readonly name: string; readonly type: string }[]): string {
  const escaped = (char: string): string =>
    char !== '\\' && char !== "'" ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : `\\${char}`;
  const quoted = (name: string): string => `['${name.replace(/[\p{Cc}\\']/gu, escaped)}']`;
  return ` : (${columns.map(({ name, type }) => `${quoted(name)}:${type}`).join(', ')})`;
}

/** Names that the binder could only guess: columns without a type. */
function unknownNames(root: KustoObject): readonly string[] {
  const names = new Set<string>();
  for (const node of nodesOf(root)) {
    if (formOf(node) === 'NameReference' && node.ResultType?.Name === 'unknown') names.add(node.SimpleName);
  }
  return [...names].filter((name) => /^[\w ]+$/.test(name)).sort();
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

/** The columns that bags make which stand in the query as literals. */
function constantSchema(node: KustoObject, root: KustoObject): readonly Column[] | undefined {
  if (node.FunctionCall.Name.SimpleName !== 'bag_unpack') return undefined;
  const source = constantSource(node.Parent?.Expression, root);
  const first = elementsOf(node.FunctionCall.ArgumentList.Expressions)[0];
  if (!source || formOf(first) !== 'NameReference') return undefined;
  const bags = source.cells(first.SimpleName)?.map(bagOf);
  if (!bags || bags.some((bag) => bag === undefined)) return undefined;
  const ignored = ignoredMembers(node);
  const members = new Map<string, KqlType>();
  for (const bag of bags) {
    for (const [key, value] of Object.entries(bag ?? {})) {
      if (ignored.includes(key) || value === null) continue;
      members.set(key, mergedType(members.get(key), typeOfValue(value)));
    }
  }
  return unpackedColumns(members, {
    source: source.columns,
    bag: first.SimpleName,
    prefix: prefixOf(node),
    replaces: /replace_source/.test(textOf(node)),
  });
}

interface ConstantSource {
  readonly columns: readonly Column[];
  cells(column: string): readonly KustoObject[] | undefined;
}

/** A `datatable` or `print` that the plug-in stands right behind, or that a `let` names. */
function constantSource(node: KustoObject, root: KustoObject): ConstantSource | undefined {
  if (!node) return undefined;
  const columns = listOf(node.ResultType?.Columns).map((column) => ({
    name: String(column.Name),
    type: column.Type.Name as KqlType,
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

function typeOfValue(value: unknown): KqlType {
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
