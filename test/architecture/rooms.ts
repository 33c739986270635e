/** A room of the house: the folder or file that it is, and what its files may import from inside `src/`. */
export interface Room {
  /** `clickhouse` = `src/clickhouse/` and below; `main.ts` = that file. The longest match wins. */
  readonly place: string;
  readonly mayImport: readonly string[] | 'everything';
}

const PURE = ['model', 'clickhouse/sql.ts', 'clickhouse/types.ts'];
/** Data that more than one stage of the compiler reads: names, signatures, messages. */
const KQL_DATA = [
  'kql/diagnostics.ts',
  'kql/unsupported.ts',
  'kql/enrichments.ts',
  'kql/functions',
  'kql/aggregates',
  'kql/beside',
];

/**
 * Who may import whom; a room may always import itself. The compiler knows no IO, use cases know no HTTP, HTTP knows
 * no SQL. Inside the compiler only forwards: parse, lower, passes, sql.
 */
export const ROOMS: readonly Room[] = [
  { place: 'model', mayImport: [] },
  { place: 'clickhouse/sql.ts', mayImport: ['model'] },
  { place: 'clickhouse/types.ts', mayImport: ['model', 'clickhouse/sql.ts'] },
  { place: 'clickhouse', mayImport: ['model'] },
  { place: 'kql/diagnostics.ts', mayImport: PURE },
  { place: 'kql/unsupported.ts', mayImport: [] },
  { place: 'kql/enrichments.ts', mayImport: ['model'] },
  { place: 'kql/beside', mayImport: ['model'] },
  { place: 'kql/functions', mayImport: [...PURE, 'kql/diagnostics.ts', 'kql/plan'] },
  { place: 'kql/aggregates', mayImport: [...PURE, 'kql/diagnostics.ts', 'kql/plan', 'kql/functions'] },
  { place: 'kql/plan', mayImport: [...PURE, 'kql/diagnostics.ts', 'kql/beside'] },
  { place: 'kql/parse', mayImport: [...PURE, ...KQL_DATA] },
  { place: 'kql/lower', mayImport: [...PURE, ...KQL_DATA, 'kql/parse', 'kql/plan'] },
  { place: 'kql/passes', mayImport: [...PURE, ...KQL_DATA, 'kql/plan'] },
  { place: 'kql/sql', mayImport: [...PURE, ...KQL_DATA, 'kql/plan'] },
  { place: 'kql', mayImport: PURE },
  { place: 'catalog', mayImport: PURE },
  { place: 'store', mayImport: ['model'] },
  { place: 'identity', mayImport: ['model', 'store'] },
  { place: 'hunting', mayImport: ['model', 'kql', 'catalog', 'clickhouse', 'store'] },
  { place: 'ingest', mayImport: ['model', 'kql', 'catalog', 'clickhouse', 'store'] },
  { place: 'detection', mayImport: ['model', 'hunting', 'ingest', 'clickhouse', 'store'] },
  { place: 'http', mayImport: ['model', 'hunting', 'ingest', 'detection', 'identity', 'catalog'] },
  { place: 'tls', mayImport: ['model'] },
  { place: 'config', mayImport: ['model'] },
  { place: 'start', mayImport: ['model', 'clickhouse', 'config'] },
  { place: 'cli', mayImport: ['model', 'config', 'main.ts'] },
  { place: 'main.ts', mayImport: 'everything' },
];

/** Packages with one door: the only rooms that may import them. */
export const DOORS: Readonly<Record<string, readonly string[]>> = {
  '@kusto/language-service-next': ['kql/parse'],
  chdb: ['clickhouse'],
  '@clickhouse/client': ['clickhouse'],
  fastify: ['http'],
  '@fastify/compress': ['http'],
  jose: ['identity'],
  kysely: ['store'],
  libsql: ['store'],
  hyparquet: ['hunting'],
  'mmdb-lib': ['hunting'],
  commander: ['cli'],
  '@peculiar/x509': ['tls'],
  'reflect-metadata': ['tls'],
};

/** The most lines a file may have. Data files, named here, are not counted. */
export const MAX_LINES = 500;
export const DATA_FILES: readonly string[] = [];
