import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RequestError } from '../src/model/request-error.ts';
import { type Measured, queriesPage } from './public-queries-page.ts';
import { inParallel, openRuleBench, SHARED } from './rule-bench.ts';

/**
 * Runs the public hunting queries of the reference folder, as rules run theirs, over every archive of recorded attacks and
 * over the background, and prints docs/public-queries.md.
 */
interface PublicQuery {
  readonly id: string;
  readonly repo: string;
  readonly query: string;
}

const { values } = parseArgs({
  options: { events: { type: 'string', default: '1000000' }, first: { type: 'string' } },
});
const file = join(SHARED, 'hunting', 'queries.jsonl');
if (!existsSync(file)) {
  throw new Error(`${file} is missing: set SPOOR_SHARED to the folder that holds hunting/ and telemetry/`);
}
const queries = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as PublicQuery)
  .slice(0, values.first === undefined ? undefined : Number(values.first));

const bench = await openRuleBench({ archives: true, backgroundEvents: Number(values.events) });
try {
  const page = queriesPage(await measure());
  if (values.first === undefined) writeFileSync('docs/public-queries.md', page);
  else console.log(page);
} finally {
  await bench.stop();
}

async function measure(): Promise<Measured> {
  const refused = new Map<string, number>();
  const counts = { ran: 0, finding: 0 };
  const quiet: PublicQuery[] = [];
  const noisy: PublicQuery[] = [];
  let done = 0;
  await inParallel(queries, async (each) => {
    if (++done % 100 === 0) console.error(`${done} of ${queries.length} queries`);
    try {
      const finds = await bench.finds(bench.all, each.query);
      counts.ran++;
      if (!finds) return;
      counts.finding++;
      const isNoisy = await bench.finds(bench.background, each.query);
      (isNoisy ? noisy : quiet).push(each);
    } catch (error) {
      const code = reasonOf(error);
      refused.set(code, (refused.get(code) ?? 0) + 1);
    }
  });
  console.error(
    `${quiet.length} find something in the archives alone, ${noisy.length} in the background too`,
  );
  const archives = await inParallel(bench.archives, async ({ name, tenant }) => ({
    name,
    quiet: await finding(tenant, quiet),
    noisy: await finding(tenant, noisy),
  }));
  const { events, backgroundEvents } = bench;
  return {
    ...counts,
    events,
    backgroundEvents,
    queries: queries.length,
    quiet: quiet.length,
    refused,
    archives,
  };
}

/** The ids of those that find something. */
async function finding(tenant: string, of: readonly PublicQuery[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { id, query } of of) {
    try {
      if (await bench.finds(tenant, query)) found.push(id);
    } catch (error) {
      // A table that this archive alone does not have makes no column, and the query is refused.
      reasonOf(error);
    }
  }
  return found;
}

/** The code of a refusal. Throws what is none. */
function reasonOf(error: unknown): string {
  if (error instanceof RequestError) return error.code;
  if (error instanceof Error && error.name === 'TimeoutError') return 'Timeout';
  throw error;
}
