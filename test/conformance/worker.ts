import { join } from 'node:path';
import { noExternalFiles } from '../../src/hunting/external/files.ts';
import { type ConformanceCase, readDocsCases, readPeerCases, type SuiteName } from './cases.ts';
import { createDocsTables, DOCS_CATALOG } from './docs-tables.ts';
import { openEngine } from './engine.ts';
import { fixtureFiles } from './external-fixtures.ts';
import { createHuntingTables, HUNTING_CATALOG, readHuntingCases } from './hunting.ts';
import type { Outcome } from './outcome.ts';
import { referenceFolder } from './reference-folder.ts';
import { type CaseContext, runCase } from './run-case.ts';

/** What the process that runs cases is told, once. */
export interface WorkerOrder {
  readonly suite: SuiteName;
  readonly ids: readonly string[];
  readonly passes: boolean;
  /** An empty folder for the engine; whoever ordered removes it. */
  readonly folder: string;
}

export type WorkerReport =
  | { readonly started: string }
  | { readonly ended: Outcome }
  | { readonly done: true };

const DATABASE = 'conformance';

/** Runs the cases of an order one after the other, reporting the start and the end of each. */
export async function work(order: WorkerOrder, report: (message: WorkerReport) => void): Promise<void> {
  const folder = referenceFolder();
  if (folder === undefined) throw new Error('the reference cases are missing');
  const engine = openEngine(order.folder);
  try {
    const nowMs = Date.now();
    const hunting = order.suite === 'hunting';
    const catalog = hunting ? HUNTING_CATALOG : DOCS_CATALOG;
    const existing = new Set(catalog.tables.keys());
    if (hunting) createHuntingTables(engine, DATABASE, nowMs);
    else createDocsTables(engine, DATABASE);
    const context: CaseContext = {
      catalog,
      engine,
      database: DATABASE,
      existing,
      nowTicks: BigInt(nowMs) * 10_000n,
      passes: order.passes,
      external: hunting ? fixtureFiles(join(order.folder, 'external'), nowMs) : noExternalFiles(),
    };
    const cases = readSuite(order.suite, folder);
    const wanted = new Set(order.ids);
    for (const testCase of cases.filter(({ id }) => wanted.has(id))) {
      report({ started: testCase.id });
      report({ ended: await runCase(testCase, context) });
    }
    report({ done: true });
  } finally {
    engine.close();
  }
}

/** The cases of a suite, in the order of their file. */
export function readSuite(suite: SuiteName, folder: string): readonly ConformanceCase[] {
  switch (suite) {
    case 'peer':
      return readPeerCases(folder);
    case 'docs':
      return readDocsCases(folder, new Set(DOCS_CATALOG.tables.keys())).cases;
    case 'hunting':
      return readHuntingCases(folder);
  }
}
