import type { Column } from '../../../model/table-schema.ts';
import { invalid, unsupported } from '../../diagnostics.ts';
import { parseJsonPath } from '../../functions/json-path-text.ts';
import type { Node } from '../../parse/node.ts';
import { callOf, type Expression } from '../../plan/expression.ts';
import type { ExternalColumn, ExternalOptions, Relation } from '../../plan/relation.ts';
import { boundColumns, type LowerContext, mayBeNull, placeOf, refer } from '../context.ts';
import type { Scope } from '../scope.ts';
import { castTo } from './values.ts';

/**
 * `externaldata (columns) [URL, ...] with (...)`: a stage reads the files, as text or as JSON; the engine turns what they
 * hold into the columns' types, as its conversions do everywhere.
 * Source: https://learn.microsoft.com/kusto/query/externaldata-operator
 */
export function lowerExternalData(node: Node, scope: Scope, context: LowerContext): Relation {
  const columns = boundColumns(node);
  const urls = node.items('URIs').map((uri) => textOf(uri, scope, context) ?? '');
  if (urls.length === 0 || urls.includes('')) throw invalid('`externaldata` takes the URLs of files', node);
  const properties = propertiesOf(node, scope, context);
  const format = (properties.get('format') ?? formatOf(urls[0] ?? '')).toLowerCase();
  if (!TEXT_FORMATS.has(format) && !RECORD_FORMATS.has(format))
    throw unsupported(`\`externaldata\` in the format \`${format}\``, node);
  const options: ExternalOptions = {
    ignoreFirstRecord: properties.get('ignorefirstrecord')?.toLowerCase() === 'true',
    mapping: mappingOf(properties, node),
  };
  const held = TEXT_FORMATS.has(format) ? 'string' : 'dynamic';
  const read: Relation = {
    kind: 'external',
    urls,
    format,
    options,
    fields: columns.map(({ name }) => context.field(name, held)),
    place: placeOf(node),
  };
  const expressions = read.fields.map((field, i) => converted(refer(field), columns[i] as Column));
  const fields = columns.map(({ name }, i) => {
    const expression = expressions[i] as Expression;
    return context.field(name, expression.type, mayBeNull(expression));
  });
  return { kind: 'project', input: read, fields, expressions };
}

const TEXT_FORMATS: ReadonlySet<string> = new Set([
  'csv',
  'tsv',
  'tsve',
  'psv',
  'scsv',
  'sohsv',
  'txt',
  'raw',
]);
const RECORD_FORMATS: ReadonlySet<string> = new Set(['json', 'multijson', 'singlejson', 'parquet']);

/** By the ending of the path, packed or not; what it does not tell is CSV. */
function formatOf(url: string): string {
  const path = url.replace(/[?;#].*$/s, '').replace(/\.(zip|gz|gzip)$/i, '');
  const ending = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  return TEXT_FORMATS.has(ending) || RECORD_FORMATS.has(ending) ? ending : 'csv';
}

function converted(value: Expression, { type }: Column): Expression {
  if (type === 'dynamic' && value.type === 'string') return callOf('parse_json', 'dynamic', value);
  return castTo(type, value);
}

/** Names in lower case. */
function propertiesOf(node: Node, scope: Scope, context: LowerContext): ReadonlyMap<string, string> {
  const clause = node.child('WithClause');
  const found = new Map<string, string>();
  for (const property of clause?.items('Properties') ?? []) {
    const value = property.need('Expression');
    found.set(property.need('Name').simpleName.toLowerCase(), textOf(value, scope, context) ?? value.text);
  }
  return found;
}

function textOf(node: Node, scope: Scope, context: LowerContext): string | undefined {
  if (/^[A-Za-z]\w*$/.test(node.text) && !scope.names.has(node.text)) return node.text;
  if (node.literalValue !== undefined && node.literalValue !== null) return String(node.literalValue);
  const value = context.expression(node, { row: [], names: scope.names });
  return value.kind === 'literal' && value.value !== null ? String(value.value) : undefined;
}

/** Source: https://learn.microsoft.com/kusto/management/mappings */
function mappingOf(
  properties: ReadonlyMap<string, string>,
  node: Node,
): readonly ExternalColumn[] | undefined {
  const reference = properties.get('ingestionmappingreference');
  if (reference !== undefined)
    throw invalid(
      `the ingestion mapping \`${reference}\` is not stored here; give it as \`ingestionMapping\``,
      node,
    );
  const text = properties.get('ingestionmapping');
  if (text === undefined) return undefined;
  let items: unknown;
  try {
    items = JSON.parse(text);
  } catch {
    items = undefined;
  }
  if (!Array.isArray(items)) throw invalid('`ingestionMapping` is no JSON array', node);
  return items.map((item: unknown) => columnOf(item, node));
}

function columnOf(item: unknown, node: Node): ExternalColumn {
  const members = lowered(item);
  const inner = lowered(members['properties']);
  const read = (name: string): string | undefined => {
    const value = inner[name] ?? members[name];
    return value === undefined || value === null ? undefined : String(value);
  };
  const column = read('column');
  if (column === undefined) throw invalid('an item of `ingestionMapping` has no `Column`', node);
  const constant = read('constvalue');
  if (constant !== undefined) return { column, constant };
  const ordinal = read('ordinal');
  if (ordinal !== undefined && /^\d{1,6}$/.test(ordinal)) return { column, ordinal: Number(ordinal) };
  const written = read('path');
  const path = written === undefined ? undefined : parseJsonPath(written);
  if (path === undefined) throw invalid(`\`ingestionMapping\` has no usable place for \`${column}\``, node);
  return { column, path: path.map((step) => (typeof step === 'bigint' ? Number(step) : step)) };
}

function lowered(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member]));
}
