/** One line of a fragmented version 2 answer, read. */
export type Frame = Readonly<Record<string, unknown>> & { readonly FrameType: string };

const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  DataSetHeader: ['FrameType', 'IsProgressive', 'Version', 'IsFragmented', 'ErrorReportingPlacement'],
  DataTable: ['FrameType', 'TableId', 'TableKind', 'TableName', 'Columns', 'Rows'],
  TableHeader: ['FrameType', 'TableId', 'TableKind', 'TableName', 'Columns'],
  TableFragment: ['FrameType', 'TableFragmentType', 'TableId', 'Rows'],
  TableCompletion: ['FrameType', 'TableId', 'RowCount'],
  DataSetCompletion: ['FrameType', 'HasErrors', 'Cancelled'],
};

/**
 * Reads an answer with the expectations of azure-kusto-go's iterative reader: a frame to a line, `[` before the first
 * and `,` before each other, `]` on the last; members in one order; results in fragments only. Throws where it would
 * fail.
 */
export function readAsGo(text: string): readonly Frame[] {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.pop() !== ']') throw new Error('the last line is not `]`');
  const frames = lines.map((line, place) => {
    if (!line.startsWith(place === 0 ? '[{' : ',{'))
      throw new Error(`line ${place} starts ${line.slice(0, 9)}`);
    const frame = JSON.parse(line.slice(1)) as Frame;
    const expected = MEMBERS[frame.FrameType];
    if (expected === undefined) throw new Error(`frame ${frame.FrameType} is not known`);
    const members = Object.keys(frame).filter((name) => name !== 'OneApiErrors');
    if (members.join() !== expected.join()) throw new Error(`${frame.FrameType} has ${members.join()}`);
    return frame;
  });
  const [header, properties, ...rest] = frames;
  if (header?.['IsFragmented'] !== true || header['IsProgressive'] !== false)
    throw new Error('a wrong header');
  if (header['ErrorReportingPlacement'] !== 'EndOfTable')
    throw new Error('errors are not at the end of tables');
  if (properties?.['TableKind'] !== 'QueryProperties') throw new Error('the second frame is no properties');
  if (rest.at(-1)?.FrameType !== 'DataSetCompletion') throw new Error('the last frame is no completion');
  if (rest.at(-2)?.['TableKind'] !== 'QueryCompletionInformation')
    throw new Error('no completion information');
  let open = false;
  for (const { FrameType } of rest.slice(0, -2)) {
    if (FrameType === 'TableHeader' ? open : !open) throw new Error(`${FrameType} is out of its place`);
    if (FrameType === 'DataTable') throw new Error('a result that is not fragmented');
    open = FrameType !== 'TableCompletion';
  }
  if (open) throw new Error('a result without a completion');
  return frames;
}
