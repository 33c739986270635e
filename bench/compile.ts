import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCatalog } from '../src/catalog/load.ts';
import { compileStep, warm } from '../src/kql/index.ts';

/**
 * How long compiling takes: parsing, binding, lowering, passes and printing, with the whole schema, each text once after
 * the parser is warm. Texts are the published hunting queries of the reference folder (`SPOOR_SHARED`).
 */
const folder = process.env['SPOOR_SHARED'] ?? join(process.cwd(), '..', 'shared');
const file = join(folder, 'hunting', 'queries.jsonl');
if (!existsSync(file))
  throw new Error(`no queries: set SPOOR_SHARED to the folder that holds hunting/queries.jsonl`);
const queries = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as { readonly id: string; readonly query: string });

const catalog = loadCatalog();
const options = {
  nowTicks: BigInt(Date.now()) * 10_000n,
  database: 'bench',
  existing: new Set(catalog.tables.keys()),
  lookbackTicks: 30n * 864_000_000_000n,
};
warm(catalog);
for (const { query } of queries.slice(0, 200)) compileStep(`${query}\n`, catalog, options);

const times = queries.map(({ id, query }) => {
  const start = performance.now();
  compileStep(query, catalog, options);
  return { id, chars: query.length, ms: performance.now() - start };
});
times.sort((a, b) => a.ms - b.ms);
const at = (part: number): string =>
  (times[Math.floor(part * (times.length - 1))]?.ms ?? Number.NaN).toFixed(1);
console.log(`| texts | median, ms | p95, ms | p99, ms | slowest, ms |\n| --- | --- | --- | --- | --- |`);
console.log(`| ${times.length} | ${at(0.5)} | ${at(0.95)} | ${at(0.99)} | ${at(1)} |\n`);
for (const { id, chars, ms } of times.slice(-5).reverse())
  console.log(`${ms.toFixed(1)} ms, ${chars} characters: ${id}`);

const [again] = times.slice(-1);
const text = queries.find(({ id }) => id === again?.id)?.query ?? '';
const start = performance.now();
compileStep(text, catalog, options);
console.log(`\nthe slowest one, asked again: ${(performance.now() - start).toFixed(1)} ms`);

const long = `DeviceProcessEvents\n${Array.from({ length: 220 }, (_, i) => `| where ProcessCommandLine !contains "${'x'.repeat(60)}${i}" or ProcessId > ${i}`).join('\n')}`;
const longStart = performance.now();
compileStep(long, catalog, options);
console.log(`220 operators, ${long.length} characters: ${(performance.now() - longStart).toFixed(1)} ms`);
