/** What the events that count have: `Timestamp`, the columns of KEPT, the groups; `Value` or `Step`. */
export interface Matching {
  /** KQL of the time within which the events have to happen; both ends belong to it. */
  readonly span: string;
  /** Columns, of type string. */
  readonly groups: readonly string[];
  /** How many rules there are. */
  readonly steps: number;
}

/** KQL that compares a column with the correlation's numbers. */
type Limits = (counted: string) => string;

/**
 * So many events within the time. Each counts from its own time until the time span is over; the sum at a moment is what
 * happened in the time span before it. Rows: the events with which the numbers are reached.
 */
export function eventsTogether(matching: Matching, limits: Limits): readonly string[] {
  return [EDGES, ...reached(matching, limits)];
}

/**
 * So many different values within the time. A value that comes again within the time counts on, from its first event
 * until the time span after the last. An event without a value counts for nothing.
 */
export function valuesTogether(matching: Matching, limits: Limits): readonly string[] {
  const { span } = matching;
  const by = [...matching.groups, 'Value'];
  return [
    '| where isnotempty(Value)',
    `| sort by ${[...by, 'Timestamp'].map((column) => `${column} asc`).join(', ')}`,
    `| extend Enters = ${changes(by, 'prev')} or Timestamp - prev(Timestamp) > ${span}, ` +
      `Leaves = ${changes(by, 'next')} or next(Timestamp) - Timestamp > ${span}`,
    EDGES,
    '| where iff(Edge > 0, Enters, Leaves)',
    ...reached(matching, limits),
  ];
}

/** Each event begins to count and ceases to. */
const EDGES = '| extend Edge = dynamic([1, -1])\n| mv-expand Edge to typeof(long)';

function reached({ span, groups }: Matching, limits: Limits): readonly string[] {
  const restart = groups.length === 0 ? '' : `, ${changes(groups, 'prev')}`;
  const by = [...groups, `Timestamp = iff(Edge > 0, Timestamp, Timestamp + ${span})`, 'Edge'];
  return [
    `| summarize Change = sum(Edge), ${kept('arg_min(ReportId', groups)} by ${by.join(', ')}`,
    `| sort by ${[...groups, 'Timestamp'].map((column) => `${column} asc`).join(', ')}, Edge desc`,
    `| extend Matches = row_cumsum(Change${restart})`,
    '| extend Before = Matches - Change',
    `| where Edge > 0 and ${limits('Matches')} and (Before == 0 or not(${limits('Before')}))`,
    '| project-away Edge, Change, Before',
  ];
}

/**
 * All rules in their order within the time. Of every event is known when the latest chain began that leads to it: `Begun`
 * with the number of the last rule in that chain. Rows: for each beginning the first event that completes it.
 */
export function rulesInOrder({ span, groups, steps }: Matching): readonly string[] {
  const restart = groups.length === 0 ? 'false' : changes(groups, 'prev');
  const begun = Array.from({ length: steps }, (_, i) => `Begun${i}`);
  const before = (column: string) => `iff(Restart, datetime(null), event.${column})`;
  const carried = begun.map((column, i) => {
    const led = i === 0 ? 'Timestamp' : before(`Begun${i - 1}`);
    return `    ${column} = iff(Step == ${i}, ${led}, ${before(column)})`;
  });
  const last = `Begun${steps - 1}`;
  return [
    `| sort by ${[...groups, 'Timestamp', 'Step'].map((column) => `${column} asc`).join(', ')}`,
    `| extend Restart = ${restart}`,
    `| scan declare (${begun.map((column) => `${column}: datetime`).join(', ')}) with (`,
    '  step event: true =>',
    `${carried.join(',\n')};`,
    ')',
    `| where Step == ${steps - 1} and Timestamp - ${last} <= ${span}`,
    `| summarize ${kept('arg_min(Timestamp, ReportId', groups)} by ${[...groups, last].join(', ')}`,
    `| project-rename Begun = ${last}`,
  ];
}

/** The rest of the call; what groups the events is kept by that. */
function kept(call: string, groups: readonly string[]): string {
  return [call, ...['DeviceId', 'DeviceName'].filter((column) => !groups.includes(column))]
    .join(', ')
    .concat(')');
}

function changes(columns: readonly string[], neighbour: 'prev' | 'next'): string {
  const differ = columns.map((column) => `${column} != ${neighbour}(${column})`).join(' or ');
  return columns.length === 1 ? differ : `(${differ})`;
}
