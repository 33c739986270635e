import type { Sql } from '../../src/clickhouse/sql.ts';
import type { CatalogView, Column } from '../../src/model/table-schema.ts';

/** The compiler's face, as far as these suites use it. */
export interface Compiler {
  compile(text: string, catalog: CatalogView, options: CompileOptions): Compiled | Refused;
  explain(text: string, catalog: CatalogView, options: CompileOptions, stage: Stage): string | Refused;
}

export type Stage = 'bound' | 'plan' | 'optimized' | 'sql';

export interface CompileOptions {
  readonly nowTicks: bigint;
  readonly database: string;
  readonly existing: ReadonlySet<string>;
  readonly lookbackTicks: bigint | undefined;
  readonly passes?: boolean;
  readonly check?: boolean;
}

export interface Compiled {
  readonly ok: true;
  readonly statement: Sql;
  readonly columns: readonly Column[];
}

export interface Refused {
  readonly ok: false;
  readonly diagnostics: readonly {
    readonly code: string;
    readonly kind: 'syntax' | 'semantic' | 'unsupported';
    readonly message: string;
    readonly line: number;
    readonly column: number;
  }[];
}

export async function loadCompiler(): Promise<Compiler> {
  const module = '../../src/kql/index.ts';
  return (await import(module)) as Compiler;
}
