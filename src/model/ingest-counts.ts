/** The answer to a delivery, sent as it is: members in this order. `events` = stored + skipped + duplicates + rejected. */
export interface IngestCounts {
  readonly files: number;
  readonly events: number;
  readonly stored: number;
  /** Well-formed, but nothing that a table takes. */
  readonly skipped: number;
  /** Stored by an earlier delivery of the same content. */
  readonly duplicates: number;
  /** Malformed: put aside in a rejects file. */
  readonly rejected: number;
  /** Rows stored by this delivery, by table. */
  readonly tables: Readonly<Record<string, number>>;
  /** Events that were skipped or rejected, by reason. */
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

export function addCounts(left: IngestCounts, right: IngestCounts): IngestCounts {
  return {
    files: left.files + right.files,
    events: left.events + right.events,
    stored: left.stored + right.stored,
    skipped: left.skipped + right.skipped,
    duplicates: left.duplicates + right.duplicates,
    rejected: left.rejected + right.rejected,
    tables: addByName(left.tables, right.tables),
    reasons: addByName(left.reasons, right.reasons),
  };
}

type ByName = Readonly<Record<string, number>>;

function addByName(left: ByName, right: ByName): ByName {
  const sum: Record<string, number> = { ...left };
  for (const [name, count] of Object.entries(right)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
