/** Thousands of random queries, each with the passes on and off: `npm run soak -- --queries 5000 --seed 1`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '../conformance/engine.ts';
import { bothWays } from '../kql/both-ways.ts';
import { createRandomTables, randomQuery } from '../kql/random-queries.ts';

const QUERIES = numberAfter('--queries', 3000);
const FIRST = numberAfter('--seed', 1000);

function numberAfter(name: string, fallback: number): number {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}

const folder = mkdtempSync(join(tmpdir(), 'spoor-passes-soak-'));
const engine = openEngine(folder);
let wrong = 0;
try {
  createRandomTables(engine, FIRST);
  for (let seed = FIRST; seed < FIRST + QUERIES; seed++) {
    const query = randomQuery(seed);
    const problem = await bothWays(query, engine).then(
      ({ on, off }) => (on === off ? undefined : `with the passes\n${on}\nwithout\n${off}`),
      (error: unknown) =>
        error instanceof Error ? `${error.message}\n${String(error.cause)}` : String(error),
    );
    if (problem === undefined) continue;
    wrong++;
    console.error(`seed ${seed}\n${query}\n${problem}\n`);
  }
} finally {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`passes: ${QUERIES} random queries, ${wrong} of them wrong`);
if (wrong > 0) process.exitCode = 1;
