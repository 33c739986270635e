import { sql } from '../../clickhouse/sql.ts';
import { argumentAt } from './filtered.ts';
import type { AggregationFamily } from './registry.ts';

/** The different values as an array; a program beside the engine makes the schema of them. */
export const schemas: AggregationFamily = {
  buildschema: {
    summary: 'The smallest schema that admits all values.',
    page: 'buildschema-aggregation-function',
    params: ['dynamic'],
    nulls: 'never',
    sql: (args) => {
      const value = argumentAt(args, 0).sql;
      const all = sql`arraySort(groupUniqArrayIf(${value}, ${value} != ''))`;
      return sql`if(countIf(${value} != '') = 0, '', concat('[', arrayStringConcat(${all}, ','), ']'))`;
    },
  },
};
