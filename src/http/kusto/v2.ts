import type { HuntStatistics } from '../../hunting/shape.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { type KustoAnswer, statsText } from './answer.ts';
import { type KustoTable, rowPieces, type WrittenRows } from './table.ts';
import { visualizationText } from './visualization.ts';

type Columns = readonly (readonly [name: string, type: KqlType])[];

const PROPERTIES: Columns = [
  ['TableId', 'int'],
  ['Key', 'string'],
  ['Value', 'dynamic'],
];

const COMPLETION: Columns = [
  ['Timestamp', 'datetime'],
  ['ClientRequestId', 'string'],
  ['ActivityId', 'guid'],
  ['SubActivityId', 'guid'],
  ['ParentActivityId', 'guid'],
  ['Level', 'int'],
  ['LevelName', 'string'],
  ['StatusCode', 'int'],
  ['StatusCodeName', 'string'],
  ['EventType', 'int'],
  ['EventTypeName', 'string'],
  ['Payload', 'string'],
];

/**
 * The frames of a version 2 answer as JSON text, in pieces: one frame to a line, which no client minds and one needs;
 * members in the order that streaming readers insist on. A failure before the answer is under way is thrown; later it
 * is told where the rows end, and again in the last frame.
 * Source: https://learn.microsoft.com/kusto/api/rest/response-v2, and the reader of azure-kusto-go
 */
export async function* v2Text(answer: KustoAnswer): AsyncGenerator<string> {
  const { options, tables } = answer;
  yield `[${frame('DataSetHeader', {
    IsProgressive: options.progressive,
    Version: 'v2.0',
    ...(options.fragmented ? { IsFragmented: true } : {}),
    ...(options.fragmented || options.errorsAtEndOfTable ? { ErrorReportingPlacement: 'EndOfTable' } : {}),
  })}`;
  const visualizations = tables.map(({ visualization }, place) => [
    place + 1,
    'Visualization',
    visualizationText(visualization),
  ]);
  yield line(table(0, 'QueryProperties', '@ExtendedProperties', PROPERTIES, visualizations));

  const statistics: HuntStatistics[] = [];
  const written: WrittenRows[] = [];
  const errors: object[] = [];
  for (const [place, source] of tables.entries()) {
    const counted = { records: 0, bytes: 0 };
    written.push(counted);
    const failed = yield* primaryResult(answer, source, place + 1, counted, statistics);
    if (failed === undefined) continue;
    errors.push(failed);
    break;
  }
  const information = completionRows(answer, statsText(statistics, written), errors);
  const id = tables.length + 1;
  yield line(table(id, 'QueryCompletionInformation', 'QueryCompletionInformation', COMPLETION, information));
  const told = errors.length > 0 && !options.hidesPartialFailures;
  const completion = { HasErrors: told, Cancelled: false, ...(told ? { OneApiErrors: errors } : {}) };
  yield `${line(frame('DataSetCompletion', completion))}\n]\n`;
}

/** Yields one result; returns the failure that it ended with. */
async function* primaryResult(
  answer: KustoAnswer,
  source: KustoTable,
  id: number,
  written: WrittenRows,
  statistics: HuntStatistics[],
): AsyncGenerator<string, object | undefined> {
  const { options } = answer;
  const columns = source.columns.map(({ name, type }) => ({ ColumnName: name, ColumnType: type }));
  const head = { TableId: id, TableKind: 'PrimaryResult', TableName: 'PrimaryResult', Columns: columns };
  const running = source.start();
  let failure: object | undefined;
  let isFirst = true;
  if (options.fragmented) yield line(frame('TableHeader', head));
  else yield line(`${frame('DataTable', head).slice(0, -1)},"Rows":[`);
  try {
    for await (const piece of rowPieces(running.rows, source.columns, 2, options, written)) {
      if (options.fragmented) yield fragment(id, piece, options.progressive);
      else yield isFirst ? piece : `,${piece}`;
      isFirst = false;
    }
    if (running.statistics !== undefined) statistics.push(await running.statistics);
  } catch (error) {
    // Too many rows is told in the answer, whatever stands before it; the rows are there.
    if (!answer.isUnderWay() && written.records === 0) throw error;
    failure = answer.tell(error).body;
  }
  const told = failure !== undefined && !options.hidesPartialFailures ? { OneApiErrors: [failure] } : {};
  if (options.fragmented) {
    yield line(frame('TableCompletion', { TableId: id, RowCount: written.records, ...told }));
  } else {
    const inRows = failure !== undefined && !options.errorsAtEndOfTable && !options.hidesPartialFailures;
    yield `${inRows ? `${isFirst ? '' : ','}${JSON.stringify(told)}` : ''}]}`;
  }
  return failure;
}

function fragment(id: number, rows: string, progressive: boolean): string {
  // The Go reader wants the type of the fragment first and the rows last.
  const head = `{"FrameType":"TableFragment","TableFragmentType":"DataAppend","TableId":${id},"Rows":[${rows}]}`;
  return progressive
    ? line(head) + line(frame('TableProgress', { TableId: id, TableProgress: 50 }))
    : line(head);
}

function frame(type: string, members: object): string {
  return JSON.stringify({ FrameType: type, ...members });
}

function line(text: string): string {
  return `\n,${text}`;
}

function table(id: number, kind: string, name: string, columns: Columns, rows: readonly unknown[][]): string {
  return frame('DataTable', {
    TableId: id,
    TableKind: kind,
    TableName: name,
    Columns: columns.map(([ColumnName, ColumnType]) => ({ ColumnName, ColumnType })),
    Rows: rows,
  });
}

/** Clients count a level of 2 or 3 and less as an error. */
function completionRows(
  { identity }: KustoAnswer,
  stats: string | undefined,
  errors: readonly object[],
): unknown[][] {
  const { startedAt, clientRequestId, activityId } = identity;
  const row = (level: number, name: string, status: string, code: number, type: string, payload: string) => [
    startedAt,
    clientRequestId,
    activityId,
    activityId,
    activityId,
    level,
    name,
    code,
    status,
    level,
    type,
    payload,
  ];
  const done =
    errors.length === 0
      ? row(4, 'Info', 'S_OK (0)', 0, 'QueryInfo', '{"Count":1,"Text":"Query completed successfully"}')
      : row(2, 'Error', 'E_FAIL (80004005)', -2147467259, 'QueryError', JSON.stringify(errors[0]));
  if (stats === undefined) return [done];
  return [done, row(6, 'Stats', 'S_OK (0)', 0, 'QueryResourceConsumption', stats)];
}
