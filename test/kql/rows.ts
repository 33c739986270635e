import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { ExternalFiles } from '../../src/hunting/external/files.ts';
import type { CatalogView } from '../../src/model/table-schema.ts';
import { type Engine, openEngine } from '../conformance/engine.ts';
import { compileStaged } from '../conformance/staged.ts';

const EMPTY_CATALOG: CatalogView = { tables: new Map(), tableAliases: new Map() };

/** 2024-05-06T07:08:09Z */
const NOW_TICKS = 17_149_792_890_000_000n;

/**
 * Runs queries that need no stored table on an embedded engine of the test file's own. An answer is one line per row,
 * a JSON array of the cells as the engine printed them.
 */
export function useRows(external?: ExternalFiles): (query: string) => Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'spoor-kql-'));
  let engine: Engine | undefined;
  beforeAll(() => {
    engine = openEngine(folder);
    engine.command('CREATE DATABASE none');
  });
  afterAll(() => {
    engine?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return async (query) => {
    if (engine === undefined) throw new Error('a query runs outside of a test');
    const options = {
      nowTicks: NOW_TICKS,
      database: 'none',
      existing: new Set<string>(),
    };
    const staged = await compileStaged(query, EMPTY_CATALOG, { ...options, check: true }, engine, external);
    try {
      const compiled = staged.outcome;
      if (!compiled.ok) return compiled.diagnostics.map(({ code }) => code);
      const rows = await engine.select(compiled.statement.text);
      return rows.map((cells) => `[${cells.join(',')}]`);
    } finally {
      await staged.dispose();
    }
  };
}
