import { invalid } from '../diagnostics.ts';
import type { Node } from '../parse/node.ts';
import type { Literal } from '../plan/expression.ts';
import { lowerLiteral } from './literals.ts';

/** What `set` statements ask for that changes an answer. Options that only tune an engine are read over. */
export interface SetOptions {
  /** The `now` of the query, ticks. The look-back is still counted from the real one. */
  readonly nowTicks: bigint | undefined;
  /** At most so many rows of each table of the answer. */
  readonly maxRows: number | undefined;
  /** The size and the fixed point of `bin_auto`. */
  readonly binSize: Literal | undefined;
  readonly binAt: Literal | undefined;
  /** What `cursor_current()` gives. */
  readonly cursor: string | undefined;
  /** Rows of every table that has the column are read from within these times only. */
  readonly timeScope: TimeScope | undefined;
}

export interface TimeScope {
  /** A table's own time column where none is named. */
  readonly column: string | undefined;
  readonly fromTicks: bigint | undefined;
  readonly toTicks: bigint | undefined;
}

/** Source: https://learn.microsoft.com/kusto/query/set-statement and the list of request properties */
export function setOptions(root: Node, nowTicks: bigint): SetOptions {
  const given = new Map<string, Given>();
  for (const statement of root.items('Statements')) {
    if (statement.form !== 'SetOptionStatement') continue;
    const name = statement.need('Name').simpleName.toLowerCase();
    given.set(name, { name, statement, value: constantOf(statement, nowTicks) });
  }
  const datetime = (name: string): bigint | undefined => ofType(given.get(name), 'datetime', 'bigint');
  const rows = [given.get('query_take_max_records'), given.get('truncationmaxrecords')]
    .map((option) => countOf(option))
    .filter((count) => count !== undefined);
  const column = given.get('query_datetimescope_column');
  const scope: TimeScope = {
    column: column && String(column.value?.value ?? ''),
    fromTicks: datetime('query_datetimescope_from'),
    toTicks: datetime('query_datetimescope_to'),
  };
  return {
    nowTicks: datetime('query_now'),
    maxRows: rows.length > 0 ? Math.min(...rows) : undefined,
    cursor: textOf(given.get('query_cursor_current')),
    binSize: given.get('query_bin_auto_size')?.value,
    binAt: given.get('query_bin_auto_at')?.value,
    timeScope: scope.fromTicks === undefined && scope.toTicks === undefined ? undefined : scope,
  };
}

interface Given {
  readonly name: string;
  readonly statement: Node;
  readonly value: Literal | undefined;
}

/** The constant; undefined for an identifier or an option without a value. */
function constantOf(statement: Node, nowTicks: bigint): Literal | undefined {
  const value = statement.child('ValueClause')?.need('Expression');
  if (!value || value.missing) return undefined;
  return value.kind.endsWith('LiteralExpression') ? lowerLiteral(value, nowTicks) : undefined;
}

function ofType(option: Given | undefined, type: Literal['type'], held: 'bigint'): bigint | undefined {
  if (option === undefined) return undefined;
  const { value } = option;
  if (value?.type === type && typeof value.value === held) return value.value as bigint;
  throw invalid(`\`${option.name}\` takes a \`${type}\``, option.statement);
}

function textOf(option: Given | undefined): string | undefined {
  if (option === undefined) return undefined;
  if (option.value?.type === 'string' && typeof option.value.value === 'string') return option.value.value;
  throw invalid(`\`${option.name}\` takes a \`string\``, option.statement);
}

function countOf(option: Given | undefined): number | undefined {
  if (option === undefined) return undefined;
  const value = ofType(option, 'long', 'bigint') ?? 0n;
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER))
    throw invalid(`\`${option.name}\` takes a number of rows`, option.statement);
  return Number(value);
}
