import { type CompileOptions, compile } from '../../src/kql/index.ts';
import type { Engine } from '../conformance/engine.ts';
import { RANDOM_CATALOG, RANDOM_DATABASE } from './random-queries.ts';

/** The rows of a query with the passes on and with them off, each in any order; or what stood in the way. */
export async function bothWays(
  query: string,
  engine: Engine,
): Promise<{ readonly on: string; readonly off: string }> {
  return { on: await rows(query, engine, true), off: await rows(query, engine, false) };
}

async function rows(query: string, engine: Engine, passes: boolean): Promise<string> {
  const options: CompileOptions = {
    nowTicks: 17_149_792_890_000_000n,
    database: RANDOM_DATABASE,
    existing: new Set(RANDOM_CATALOG.tables.keys()),
    check: true,
    passes,
  };
  const compiled = compile(query, RANDOM_CATALOG, options);
  if (!compiled.ok) {
    const faults = compiled.diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n');
    throw new Error(`a random query does not compile\n${query}\n${faults}`);
  }
  try {
    const cells = await engine.select(compiled.statement.text);
    const lines = cells.map((row) => row.join()).sort();
    return [compiled.columns.map(({ name, type }) => `${name}:${type}`).join(), ...lines].join('\n');
  } catch (error) {
    throw new Error(`the engine refuses a random query\n${query}\n${compiled.statement.text}`, {
      cause: error,
    });
  }
}
