import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { compile } from '../../src/kql/index.ts';
import type { CatalogView } from '../../src/model/table-schema.ts';
import { type Engine, openEngine } from '../conformance/engine.ts';

const EMPTY_CATALOG: CatalogView = { tables: new Map(), tableAliases: new Map() };

/** 2024-05-06T07:08:09Z */
const NOW_TICKS = 17_149_792_890_000_000n;

/**
 * Runs queries that need no stored table on an embedded engine of the test file's own. An answer is one line per row,
 * a JSON array of the cells as the engine printed them.
 */
export function useRows(): (query: string) => Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'spoor-kql-'));
  let engine: Engine | undefined;
  beforeAll(() => {
    engine = openEngine(folder);
  });
  afterAll(() => {
    engine?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return async (query) => {
    const compiled = compile(query, EMPTY_CATALOG, {
      nowTicks: NOW_TICKS,
      database: 'none',
      existing: new Set(),
      lookbackTicks: undefined,
    });
    if (!compiled.ok) return compiled.diagnostics.map(({ code }) => code);
    const rows = (await engine?.select(compiled.statement.text)) ?? [];
    return rows.map((cells) => `[${cells.join(',')}]`);
  };
}
