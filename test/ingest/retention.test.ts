import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.ts';
import { sql } from '../../src/clickhouse/sql.ts';
import { createStoredTables } from '../../src/ingest/stored-tables.ts';
import { startTestEngine, type TestEngine } from '../engine/harness.ts';

let test: TestEngine;
beforeAll(async () => {
  test = await startTestEngine();
});
afterAll(() => test.stop());

it('holds for tables that were made under another setting', async () => {
  const catalog = loadCatalog();
  const table = catalog.tables.get('AlertInfo');
  if (table === undefined) throw new Error('the catalogue has no AlertInfo');
  const definitionWith = async (days: number | undefined) => {
    await createStoredTables(test.database, catalog, days).ensure('tenant_kept', table);
    const [made] = await test.database.rows<{ definition: string }>(
      sql`SELECT engine_full AS definition FROM system.tables WHERE database = 'tenant_kept' AND name = 'AlertInfo'`,
    );
    return made?.definition ?? '';
  };
  expect(await definitionWith(undefined)).not.toContain('TTL');
  expect(await definitionWith(180)).toContain('toIntervalDay(180)');
  expect(await definitionWith(30)).toContain('toIntervalDay(30)');
  expect(await definitionWith(undefined)).not.toContain('TTL');
});
