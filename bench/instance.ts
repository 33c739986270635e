import { count, ident, type Sql, sql } from '../src/clickhouse/sql.ts';

/** One question: as a hunter asks it, and as someone who knows the engine and the tables would write it. */
export interface Instance {
  readonly kql: string;
  readonly sql: (database: Sql) => Sql;
  /** For DuckDB, over the same rows in its own tables `process` and `network`. */
  readonly duckdb: string;
}

/** One class of question, asked with several constants. */
export interface BenchClass {
  readonly name: string;
  readonly instances: readonly Instance[];
}

export const PROCESS = ident('DeviceProcessEvents');
export const NETWORK = ident('DeviceNetworkEvents');

/** The last days, as each of the two writes it. */
export const since = (days: number): Sql => sql`Timestamp > now64(7) - INTERVAL ${count(days)} DAY`;
export const duckSince = (days: number): string =>
  `Timestamp > (now() AT TIME ZONE 'UTC') - INTERVAL ${days} DAY`;

/** The expression that the index of terms was made of (docs/storage.md). */
export const TERMS = sql`if(isValidASCII(ProcessCommandLine), lower(ProcessCommandLine), lowerUTF8(replaceRegexpAll(ProcessCommandLine, '[^\\\\p{L}\\\\p{N}]+', ' ')))`;

/** A class whose instances differ in one constant. */
export function questions<Constant>(
  name: string,
  constants: readonly Constant[],
  ask: (constant: Constant) => Instance,
): BenchClass {
  return { name, instances: constants.map(ask) };
}
