import type { IngestCounts } from '../model/ingest-counts.ts';

export function describeCounts(counts: IngestCounts): string {
  const { events, stored, skipped, duplicates, rejected } = counts;
  return `${events} events: ${stored} stored, ${skipped} skipped, ${duplicates} duplicates, ${rejected} rejected`;
}
