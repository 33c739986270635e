import { count, type Sql, sql } from '../../src/clickhouse/sql.ts';
import { runJob } from '../../src/hunting/beside/job.ts';
import { type ExternalFiles, noExternalFiles } from '../../src/hunting/external/files.ts';
import { compileInStages, type StagedCompile } from '../../src/hunting/stages.ts';
import { type CompileOptions, compileStep } from '../../src/kql/index.ts';
import type { CatalogView } from '../../src/model/table-schema.ts';
import type { Engine } from './engine.ts';

/** The stages of a query as the server runs them, on the engine and in the thread of this process. */
export async function compileStaged(
  query: string,
  catalog: CatalogView,
  options: CompileOptions,
  engine: Engine,
  external: ExternalFiles = noExternalFiles(),
): Promise<StagedCompile> {
  const parts = {
    compiler: {
      compile: (text: string, more: CompileOptions) => Promise.resolve(compileStep(text, catalog, more)),
    },
    database: {
      command: (statement: Sql) => Promise.resolve(engine.command(statement.text)),
      insert: (batch: { database: string; table: string; columns: readonly string[]; body: Buffer }) =>
        Promise.resolve(
          engine.insertBody(batch.database, batch.table, batch.columns, batch.body.toString('utf8')),
        ),
    },
    beside: { places: false, run: (job: Parameters<typeof runJob>[0]) => runJob(job) },
    external,
  };
  return await compileInStages(parts, query, options, {
    hunt(statement, maxRows) {
      async function* rows() {
        yield await engine.select(sql`SELECT * FROM (${statement}) LIMIT ${count(maxRows)}`.text);
      }
      return { rows: rows(), statistics: Promise.resolve({ queuedUs: 0, elapsedUs: 0 }) };
    },
    remainingMs: () => 60_000,
    signal: undefined,
  });
}
