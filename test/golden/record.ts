import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { showCell } from '../conformance/cell.ts';
import { type CompileOptions, type Compiler, loadCompiler, type Refused } from '../conformance/compiler.ts';
import { type Engine, openEngine } from '../conformance/engine.ts';
import { createHuntingTables, HUNTING_CATALOG } from '../conformance/hunting.ts';
import { compileStaged } from '../conformance/staged.ts';
import type { BlockKind, GoldenCase } from './format.ts';

/** Runs golden cases against every table of the catalogue, with the same few rows and the same time on each run. */
export interface Recorder {
  /** What the blocks of a case say today. Without blocks: its rows, or its error. */
  record(golden: GoldenCase, passes: boolean): Promise<GoldenCase>;
  close(): void;
}

const NOW_MS = Date.UTC(2026, 0, 15, 12);
const DATABASE = 'golden';

export async function openRecorder(): Promise<Recorder> {
  const compiler = await loadCompiler();
  const folder = mkdtempSync(join(tmpdir(), 'spoor-golden-'));
  const engine = openEngine(folder);
  createHuntingTables(engine, DATABASE, NOW_MS);
  return {
    async record(golden, passes) {
      const options: CompileOptions = {
        nowTicks: BigInt(NOW_MS) * 10_000n,
        database: DATABASE,
        existing: new Set(HUNTING_CATALOG.tables.keys()),
        passes,
      };
      const kinds = golden.blocks.length > 0 ? golden.blocks.map(({ kind }) => kind) : undefined;
      const wanted = kinds ?? [(await answered(golden.query, engine, options)).ok ? 'rows' : 'error'];
      const blocks = [];
      for (const kind of wanted)
        blocks.push({ kind, text: await blockText(kind, golden.query, compiler, engine, options) });
      return { ...golden, blocks };
    },
    close() {
      engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function blockText(
  kind: BlockKind,
  query: string,
  compiler: Compiler,
  engine: Engine,
  options: CompileOptions,
): Promise<string> {
  const staged = await compileStaged(query, HUNTING_CATALOG, options, engine);
  if (kind === 'plan' || kind === 'optimized' || kind === 'sql') {
    const { answers } = staged;
    await staged.dispose();
    const explained = compiler.explain(query, HUNTING_CATALOG, { ...options, answers }, kind);
    return typeof explained === 'string' ? explained.trimEnd() : showRefusal(explained);
  }
  const compiled = staged.outcome;
  if (!compiled.ok) return showRefusal(compiled);
  if (kind === 'error') return '(no error)';
  const rows = await engine.select(compiled.statement.text);
  await staged.dispose();
  const lines = rows.map((row) =>
    row
      .map((token, place) => showCell(token, compiled.columns[place]?.type ?? 'string'))
      .join(' | ')
      .trimEnd(),
  );
  const head = compiled.columns.map(({ name, type }) => `${name}:${type}`).join(' | ');
  return [head, ...(kind === 'rows' ? lines.sort() : lines)].join('\n');
}

async function answered(query: string, engine: Engine, options: CompileOptions): Promise<{ ok: boolean }> {
  const staged = await compileStaged(query, HUNTING_CATALOG, options, engine);
  await staged.dispose();
  return staged.outcome;
}

function showRefusal(refused: Pick<Refused, 'diagnostics'>): string {
  return refused.diagnostics
    .map(({ code, message, line, column }) => `${line}:${column} ${code}: ${message}`)
    .join('\n');
}
