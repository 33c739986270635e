/** What the server says of one delivery, and the command line of all. */
export interface IngestCounts {
  readonly files: number;
  /** Events read, whatever became of them. */
  readonly events: number;
  readonly stored: number;
  /** Well-formed, but nothing that a table takes; told apart under `reasons`. */
  readonly skipped: number;
  /** Already stored by an earlier delivery of the same content. */
  readonly duplicates: number;
  /** Malformed; put aside by the server. */
  readonly rejected: number;
  /** Rows stored by table. */
  readonly tables: Readonly<Record<string, number>>;
  /** Skipped and rejected events by reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

export const NO_COUNTS: IngestCounts = {
  files: 0,
  events: 0,
  stored: 0,
  skipped: 0,
  duplicates: 0,
  rejected: 0,
  tables: {},
  reasons: {},
};

export function addCounts(a: IngestCounts, b: IngestCounts): IngestCounts {
  return {
    files: a.files + b.files,
    events: a.events + b.events,
    stored: a.stored + b.stored,
    skipped: a.skipped + b.skipped,
    duplicates: a.duplicates + b.duplicates,
    rejected: a.rejected + b.rejected,
    tables: addEach(a.tables, b.tables),
    reasons: addEach(a.reasons, b.reasons),
  };
}

function addEach(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

export function describeCounts(counts: IngestCounts): string {
  const { events, stored, skipped, duplicates, rejected } = counts;
  return `${events} events: ${stored} stored, ${skipped} skipped, ${duplicates} duplicates, ${rejected} rejected`;
}
