import { joinSql, sql } from '../../clickhouse/sql.ts';
import type { FunctionFamily } from './registry.ts';

/** Three-valued, as the engine's own operators are. https://learn.microsoft.com/kusto/query/logical-operators */
export const logic: FunctionFamily = {
  and: {
    summary: 'True where both sides are true; false where one is false.',
    page: 'logical-operators',
    params: ['bool'],
    sql: (args) =>
      joinSql(
        args.map((arg) => arg.sql),
        ' AND ',
      ),
    examples: [
      ['bool(null) and false', 'False'],
      ['isnull(bool(null) and true)', 'True'],
    ],
  },
  or: {
    summary: 'True where one side is true; false where both are false.',
    page: 'logical-operators',
    params: ['bool'],
    sql: (args) =>
      joinSql(
        args.map((arg) => arg.sql),
        ' OR ',
      ),
    examples: [
      ['bool(null) or true', 'True'],
      ['isnull(bool(null) or false)', 'True'],
    ],
  },
  not: {
    summary: 'Reverses a bool.',
    page: 'not-function',
    params: ['bool'],
    sql: (args) =>
      sql`not(${joinSql(
        args.map((arg) => arg.sql),
        ', ',
      )})`,
    examples: [
      ['not(false)', 'True'],
      ['isnull(not(bool(null)))', 'True'],
    ],
  },
};
