/** The answer to a delivery. `events` = stored + skipped + duplicates + rejected. */
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

/** What a repeated delivery is answered: everything that is stored was stored before. */
export function asDuplicate(counts: IngestCounts): IngestCounts {
  return { ...counts, stored: 0, duplicates: counts.duplicates + counts.stored, tables: {} };
}

type ByName = Readonly<Record<string, number>>;

function addByName(left: ByName, right: ByName): ByName {
  const sum: Record<string, number> = { ...left };
  for (const [name, count] of Object.entries(right)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

/** More reasons than this are counted together, so that hostile input cannot fill memory with them. */
const MAX_REASONS = 500;

/** Counts the events of one file. */
export class Tally {
  skipped = 0;
  rejected = 0;
  rows = 0;
  readonly reasons = new Map<string, number>();

  skip(reason: string): void {
    this.skipped++;
    this.#reason(reason, 'unmapped: other');
  }

  reject(reason: string): void {
    this.rejected++;
    this.#reason(reason, 'other');
  }

  #reason(reason: string, otherwise: string): void {
    const name = this.reasons.has(reason) || this.reasons.size < MAX_REASONS ? reason : otherwise;
    this.reasons.set(name, (this.reasons.get(name) ?? 0) + 1);
  }

  counts(stored: number, tables: Readonly<Record<string, number>>): IngestCounts {
    return {
      files: 1,
      events: this.rows + this.skipped + this.rejected,
      stored,
      skipped: this.skipped,
      duplicates: this.rows - stored,
      rejected: this.rejected,
      tables,
      reasons: Object.fromEntries(this.reasons),
    };
  }
}
