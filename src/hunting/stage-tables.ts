import type { Database } from '../clickhouse/database.ts';
import { dropStageTable, listStageTables } from '../clickhouse/stage-table.ts';

/**
 * Drops what hunts left behind that did not come to their end. On a server that others use too only what is older than
 * any hunt can be.
 */
export async function dropStageTables(database: Database, ownEngine: boolean): Promise<void> {
  const oldestMs = ownEngine ? Number.POSITIVE_INFINITY : Date.now() - OLD_MS;
  for (const { database: tenant, name } of await database.rows<{ database: string; name: string }>(
    listStageTables(),
  )) {
    const madeMs = Number.parseInt(name.split('_')[2] ?? '', 36);
    if (madeMs < oldestMs) await database.command(dropStageTable(tenant, name));
  }
}

const OLD_MS = 24 * 3_600_000;
