import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CompileOptions, compile } from '../../src/kql/index.ts';
import { type Engine, openEngine } from '../conformance/engine.ts';
import { createHuntingTables, HUNTING_CATALOG } from '../conformance/hunting.ts';
import { referenceFolder } from '../conformance/reference-folder.ts';
import { mutant } from './mutants.ts';

const NOW_MS = Date.UTC(2026, 0, 15, 12);
const OPTIONS: CompileOptions = {
  nowTicks: BigInt(NOW_MS) * 10_000n,
  database: 'hostile',
  existing: new Set(HUNTING_CATALOG.tables.keys()),
};
const times = (count: number, write: (i: number) => string, between: string): string =>
  Array.from({ length: count }, (_, i) => write(i)).join(between);
const nested = (open: string, count: number, close: string): string =>
  `${open.repeat(count)}1${close.repeat(count)}`;

/** What each is refused with; `ok` where it compiles. */
const HOSTILE: readonly (readonly [what: string, query: string, outcome: string])[] = [
  ['parentheses', `print ${nested('(', 10_000, ')')}`, 'SPOOR005'],
  ['braces', `let f = () ${nested('{', 5000, '}')}; f()`, 'SPOOR005'],
  ['brackets', `print dynamic(${nested('[', 5000, ']')})`, 'SPOOR005'],
  ['brackets in a string', `print strlen("${'('.repeat(5000)}")`, 'ok'],
  ['brackets in a comment', `// ${'('.repeat(5000)}\nprint 1`, 'ok'],
  ['a long list', `DeviceEvents | where FileName in (${times(5000, (i) => `"a${i}"`, ', ')})`, 'ok'],
  ['many operators', `DeviceEvents ${'| where ReportId > 1 '.repeat(3000)}`, 'KS245'],
  ['many terms', `DeviceEvents | where ${times(3000, (i) => `FileName == "a${i}"`, ' or ')}`, 'KS245'],
  [
    'scalars that double',
    `let a0 = 1;\n${times(40, (i) => `let a${i + 1} = a${i} + a${i};`, '\n')}\nprint a40`,
    'SPOOR005',
  ],
  [
    'functions that double',
    `let f0 = (x:long) { x };\n${times(20, (i) => `let f${i + 1} = (x:long) { f${i}(x) + f${i}(x) };`, '\n')}\nprint f20(1)`,
    'SPOOR005',
  ],
  ['noise', '@#$%^&* '.repeat(2000), 'KS'],
];

describe('hostile texts end with a code', () => {
  test.each(HOSTILE)('%s', (_what, query, outcome) => {
    const compiled = compile(query, HUNTING_CATALOG, OPTIONS);
    const got = compiled.ok ? 'ok' : (compiled.diagnostics[0]?.code ?? 'no diagnostic');
    expect(got.startsWith(outcome) ? outcome : got).toBe(outcome);
  });
});

const reference = referenceFolder();

/** Published queries with one thing changed each: what compiles is for the engine to take. */
describe.skipIf(reference === undefined)('nothing that fails to compile reaches the engine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spoor-mutants-'));
  let engine: Engine;
  beforeAll(() => {
    engine = openEngine(folder);
    createHuntingTables(engine, OPTIONS.database, NOW_MS);
  }, 60_000);
  afterAll(() => {
    engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('250 mutants', async () => {
    const lines = readFileSync(join(reference ?? '', 'hunting', 'queries.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const queries = lines
      .map((line) => (JSON.parse(line) as { query: string }).query)
      .filter((query) => query.length < 2000);
    let state = 7;
    const pick = (limit: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    let ran = 0;
    for (let i = 0; i < 250; i++) {
      const query = mutant(queries[pick(queries.length)] ?? '', pick);
      const compiled = compile(query, HUNTING_CATALOG, OPTIONS);
      if (!compiled.ok) {
        expect(compiled.diagnostics.length, query).toBeGreaterThan(0);
        continue;
      }
      ran++;
      await engine.select(compiled.statement.text).catch((error: unknown) => {
        throw new Error(`the engine refuses\n${query}\n${compiled.statement.text}`, { cause: error });
      });
    }
    expect(ran).toBeGreaterThan(30);
  }, 300_000);
});
