import type { KqlType } from '../model/kql-type.ts';
import { ident, type Sql, sql, text } from './sql.ts';
import { SQL_TYPE } from './types.ts';

/** Tables of this prefix hold what a hunt found outside the engine, until it ends. No query can name one. */
export const STAGE_PREFIX = '_stage_';

/** In memory, with the columns c0, c1 ... of these types. */
export function createStageTable(database: string, table: string, types: readonly KqlType[]): Sql {
  const structure = types.map((type, i) => `stage_${i} ${SQL_TYPE[type]}`).join(', ');
  const name = sql`${ident(database)}.${ident(table)}`;
  return sql`CREATE TABLE ${name} ENGINE = Memory EMPTY AS SELECT * FROM null(${text(structure)})`;
}

export function dropStageTable(database: string, table: string): Sql {
  return sql`DROP TABLE IF EXISTS ${ident(database)}.${ident(table)}`;
}

/** The stage tables of every tenant, with the database that each is in. */
export function listStageTables(): Sql {
  return sql`SELECT database, name FROM system.tables WHERE startsWith(name, ${text(STAGE_PREFIX)})`;
}
