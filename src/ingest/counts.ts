import type { IngestCounts } from '../model/ingest-counts.ts';

/** What a repeated delivery is answered: everything that is stored was stored before. */
export function asDuplicate(counts: IngestCounts): IngestCounts {
  return { ...counts, stored: 0, duplicates: counts.duplicates + counts.stored, tables: {} };
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
