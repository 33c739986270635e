import { Session } from 'chdb';
import { HUNT_SETTINGS } from '../../src/clickhouse/settings.ts';
import { splitRow } from './json-exact.ts';

/** An embedded engine of this process over a folder. */
export interface Engine {
  /** Runs a statement that answers nothing. */
  command(statement: string): void;
  /** Runs a SELECT under the settings of hunting; one raw JSON token per cell. Throws the engine's error. */
  select(statement: string): Promise<readonly (readonly string[])[]>;
  insert(
    database: string,
    table: string,
    columns: readonly string[],
    rows: readonly (readonly unknown[])[],
  ): void;
  /** Rows as JSON arrays, one a line. */
  insertBody(database: string, table: string, columns: readonly string[], body: string): void;
  close(): void;
}

const LIMITS = { max_execution_time: 60, max_memory_usage: 2_000_000_000, max_result_rows: 2_000_000 };

const SELECT_ARGUMENTS = Object.entries({ ...HUNT_SETTINGS, ...LIMITS }).map(
  ([name, value]) => `--${name}=${value}`,
);

export function openEngine(folder: string): Engine {
  const keeper = new Session(folder);
  function insertBody(database: string, table: string, columns: readonly string[], body: string): void {
    const names = columns.map((column) => `\`${column}\``).join(', ');
    keeper.query(
      `INSERT INTO \`${database}\`.\`${table}\` (${names}) FORMAT JSONCompactEachRow ${body}`,
      'Null',
    );
  }
  return {
    command(statement) {
      keeper.query(statement, 'Null');
    },
    async select(statement) {
      // A session of its own: after a failed query a session can answer the next one with old rows.
      const session = new Session(folder, { connectionArgs: SELECT_ARGUMENTS });
      try {
        const result = await session.queryAsync(statement, { format: 'JSONCompactEachRow' });
        return result
          .text()
          .split('\n')
          .filter((line) => line !== '')
          .map(splitRow);
      } finally {
        session.close();
      }
    },
    insert: (database, table, columns, rows) =>
      insertBody(database, table, columns, rows.map((row) => JSON.stringify(row)).join('\n')),
    insertBody,
    close() {
      keeper.close();
    },
  };
}
