import { type HuntStatistics, schemaType } from '../../hunting/shape.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { type KustoAnswer, statsText } from './answer.ts';
import { type KustoTable, rowPieces, type WrittenRows } from './table.ts';
import { visualizationText } from './visualization.ts';

type Columns = readonly { readonly name: string; readonly type: KqlType }[];

const STATUS: Columns = [
  { name: 'Timestamp', type: 'datetime' },
  { name: 'Severity', type: 'int' },
  { name: 'SeverityName', type: 'string' },
  { name: 'StatusCode', type: 'int' },
  { name: 'StatusDescription', type: 'string' },
  { name: 'Count', type: 'int' },
  { name: 'RequestId', type: 'guid' },
  { name: 'ActivityId', type: 'guid' },
  { name: 'SubActivityId', type: 'guid' },
  { name: 'ClientActivityId', type: 'string' },
];

const CONTENTS: Columns = [
  { name: 'Ordinal', type: 'long' },
  { name: 'Kind', type: 'string' },
  { name: 'Name', type: 'string' },
  { name: 'Id', type: 'string' },
  { name: 'PrettyName', type: 'string' },
];

const NO_ID = '00000000-0000-0000-0000-000000000000';

/**
 * A version 1 answer as JSON text, in pieces. The tables of a query are its results, then its properties, its status and
 * the table of contents; a management command's is one table alone. A failure before the answer is under way is
 * thrown; later it stands in `Exceptions` and in the status.
 * Source: https://learn.microsoft.com/kusto/api/rest/response
 */
export async function* v1Text(answer: KustoAnswer, alone: boolean): AsyncGenerator<string> {
  const { tables, identity, options } = answer;
  const statistics: HuntStatistics[] = [];
  const written: WrittenRows[] = [];
  let exception: string | undefined;
  yield '{"Tables":[';
  for (const [place, source] of tables.entries()) {
    const counted = { records: 0, bytes: 0 };
    written.push(counted);
    if (place > 0) yield ',';
    exception = yield* result(answer, source, place, counted, statistics);
    if (exception !== undefined) break;
  }
  if (!alone) {
    const results = written.length;
    const name = (place: number) => `Table_${results + place}`;
    const properties: Columns = [{ name: 'Value', type: 'string' }];
    const visualizations = written.map((_counted, place) => [
      visualizationText(tables[place]?.visualization),
    ]);
    yield `,${table(name(0), properties, visualizations)}`;
    yield `,${table(name(1), STATUS, statusRows(answer, statsText(statistics, written), exception))}`;
    yield `,${table(name(2), CONTENTS, [
      ...written.map((_table, place) => [place, 'QueryResult', 'PrimaryResult', identity.activityId, '']),
      [results, 'QueryProperties', '@ExtendedProperties', NO_ID, ''],
      [results + 1, 'QueryStatus', 'QueryStatus', NO_ID, ''],
    ])}`;
  }
  yield exception === undefined || options.hidesPartialFailures
    ? ']}\n'
    : `],"Exceptions":[${JSON.stringify(exception)}]}\n`;
}

/** Yields one result; returns the sentence of the failure that it ended with. */
async function* result(
  answer: KustoAnswer,
  source: KustoTable,
  place: number,
  written: WrittenRows,
  statistics: HuntStatistics[],
): AsyncGenerator<string, string | undefined> {
  const running = source.start();
  let isFirst = true;
  let exception: string | undefined;
  yield `${table(`Table_${place}`, source.columns, []).slice(0, -2)}`;
  try {
    for await (const piece of rowPieces(running.rows, source.columns, 1, answer.options, written)) {
      yield isFirst ? piece : `,${piece}`;
      isFirst = false;
    }
    if (running.statistics !== undefined) statistics.push(await running.statistics);
  } catch (error) {
    if (!answer.isUnderWay() && written.records === 0) throw error;
    exception = answer.tell(error).message;
  }
  yield ']}';
  return exception;
}

/** Ends in `"Rows":[...]}`. */
function table(name: string, columns: Columns, rows: readonly (readonly unknown[])[]): string {
  return JSON.stringify({
    TableName: name,
    Columns: columns.map((column) => ({
      ColumnName: column.name,
      DataType: schemaType(column.type, 'SByte'),
      ColumnType: column.type,
    })),
    Rows: rows,
  });
}

/** Clients count a severity of 2 and less as a failure. */
function statusRows(
  { identity }: KustoAnswer,
  stats: string | undefined,
  exception: string | undefined,
): unknown[][] {
  const { startedAt, activityId, clientRequestId } = identity;
  const row = (severity: number, name: string, code: number, text: string) => [
    startedAt,
    severity,
    name,
    code,
    text,
    1,
    activityId,
    activityId,
    activityId,
    clientRequestId,
  ];
  const done =
    exception === undefined
      ? row(4, 'Info', 0, 'Query completed successfully')
      : row(2, 'Error', -2147467259, exception);
  return stats === undefined ? [done] : [done, row(6, 'Stats', 0, stats)];
}
