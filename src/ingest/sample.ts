import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { tenantDatabase } from '../catalog/ddl.ts';
import type { Database } from '../clickhouse/database.ts';
import { ident, sql, text } from '../clickhouse/sql.ts';

/** The member by which a sample record is told from a user's own; ingest keeps it beside the documented columns. */
const SAMPLE_MARK = '"SampleStory":"lumen"';

export interface SampleParts {
  readonly database: Database;
  /** The ingest use case, for one file of records whose times move to now. */
  readonly ingest: (request: {
    readonly tenant: string;
    readonly name: string;
    readonly idempotencyKey: string;
    readonly body: Readable;
  }) => Promise<{ readonly stored: number }>;
  /** The file of records. */
  readonly file: string;
}

/**
 * Puts the sample events into a tenant so that the last of them happens now: those of an earlier start are taken out
 * first, a user's own rows stay. Resolves with the rows stored.
 */
export async function loadSampleEvents(parts: SampleParts, tenant: string, nowMs: number): Promise<number> {
  const { database } = parts;
  const name = tenantDatabase(tenant);
  const tables = await database.rows<{ name: string }>(
    sql`SELECT name FROM system.tables WHERE database = ${text(name)} AND engine LIKE '%MergeTree'`,
  );
  for (const table of tables) {
    const place = sql`${ident(name)}.${ident(table.name)}`;
    await database.command(sql`DELETE FROM ${place} WHERE position(_extra, ${text(SAMPLE_MARK)}) > 0`);
  }
  const counts = await parts.ingest({
    tenant,
    name: 'incident.ndjson',
    idempotencyKey: `sample-${nowMs}`,
    body: createReadStream(parts.file),
  });
  return counts.stored;
}
