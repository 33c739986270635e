import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CompileOptions, compile, explain } from '../../src/kql/index.ts';
import type { CatalogView } from '../../src/model/table-schema.ts';
import { type Engine, openEngine } from '../conformance/engine.ts';

const CATALOG: CatalogView = { tables: new Map(), tableAliases: new Map() };
const OPTIONS: CompileOptions = {
  nowTicks: 17_149_792_890_000_000n,
  database: 'windows',
  existing: new Set(),
  check: true,
};

const folder = mkdtempSync(join(tmpdir(), 'spoor-windows-'));
let engine: Engine;
beforeAll(() => {
  engine = openEngine(folder);
  engine.command('CREATE DATABASE windows');
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Rows of three devices, one of them nameless, and of two numbers and none; `t` is different in each row. */
const ROWS = [
  "'b', 2, 1, 'x'",
  "'', 2, 2, 'x'",
  "'a', long(null), 3, 'y'",
  "'b', 7, 4, 'y'",
  "'', long(null), 5, 'y'",
  "'a', 7, 6, 'x'",
  "'b', long(null), 7, 'x'",
  "'a', 2, 8, 'x'",
];
const table = (rows: readonly string[]) =>
  `datatable(d: string, n: long, t: long, f: string)[${rows.join(', ')}]`;
/** Of nameless devices alone, whose first row has a neighbour equal to its key: none. */
const TABLES = [table(ROWS), table(ROWS.filter((row) => row.startsWith("''"))), table([])];

async function rows(query: string, passes: boolean): Promise<readonly string[]> {
  const compiled = compile(query, CATALOG, { ...OPTIONS, passes });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
  return (await engine.select(compiled.statement.text)).map((cells) => cells.join());
}

function isPartitioned(query: string): boolean {
  const plan = explain(query, CATALOG, OPTIONS, 'optimized');
  if (typeof plan !== 'string') throw new Error(JSON.stringify(plan.diagnostics));
  return plan.includes('window within');
}

describe('windows within a key', () => {
  test.each([
    'sort by d asc, t asc | where prev(d) == d and f == "x" and prev(f) == "y"',
    'sort by d asc, t desc | where d == prev(d)',
    'sort by d asc, t asc | extend p = prev(d), q = prev(t), r = d | where p == r | extend gap = t - q',
    'sort by d asc, t asc | extend p = prev(d, 1) | where p == d | where f != prev(f)',
    'sort by d desc, t asc | where next(d) == d and next(f) == "x"',
    'sort by n asc, t asc | where prev(n) == n | extend k = row_number()',
    'sort by n desc nulls last, t asc | where prev(n) == n and next(n) == n | project t, prev(t)',
  ])('%s', async (operators) => {
    let found = 0;
    for (const each of TABLES) {
      const query = `${each} | ${operators}`;
      expect(isPartitioned(query)).toBe(true);
      const answer = await rows(query, true);
      expect(answer).toEqual(await rows(query, false));
      found += answer.length;
    }
    expect(found).toBeGreaterThan(0);
  });

  test.each([
    ['the nameless come last', 'sort by d desc, t asc | where prev(d) == d'],
    ['the nameless come first', 'sort by d asc, t asc | where next(d) == d'],
    ['two rows before', 'sort by d asc, t asc | where prev(d) == d and prev(f, 2) == "x"'],
    ['rows after', 'sort by d asc, t asc | where prev(d) == d and next(f) == "x"'],
    ['another key', 'sort by d asc, t asc | where prev(n) == n'],
    ['or', 'sort by d asc, t asc | where prev(d) == d or f == "x"'],
    ['a place of its own', 'sort by d asc, t asc | extend r = row_number() | where prev(d) == d'],
    ['a default', 'sort by d asc, t asc | where prev(d, 1, "a") == d'],
    ['no order', 'serialize | where prev(d) == d'],
    ['rows that are counted', 'sort by d asc, t asc | extend p = prev(d) | take 3 | where p == d'],
  ])('not where there is %s', async (_what, operators) => {
    for (const each of TABLES) {
      const query = `${each} | ${operators}`;
      expect(isPartitioned(query)).toBe(false);
      expect(await rows(query, true)).toEqual(await rows(query, false));
    }
  });
});
