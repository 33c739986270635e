import { count, sql, text } from '../../clickhouse/sql.ts';
import type { FunctionFamily } from './registry.ts';

/**
 * What `parse` and its kin read from a text by an RE2 pattern. The pattern's first group is empty, so a match always
 * yields groups; the engine evaluates equal calls once, however many columns read from one text.
 */
export const parsePatterns: FunctionFamily = {
  pattern_matches: {
    summary: 'Whether the text fits the pattern.',
    page: 'parse-operator',
    nulls: 'never',
    sql: ([source, pattern]) => {
      if (!source || typeof pattern?.constant !== 'string') throw new Error('a pattern is constant');
      return sql`notEmpty(extractGroups(${source.sql}, ${text(pattern.constant)}))`;
    },
  },
  pattern_group: {
    summary: 'The text of a group of the pattern, counted from 0; empty where the text does not fit.',
    page: 'parse-operator',
    sql: ([source, pattern, group]) => {
      if (!source || typeof pattern?.constant !== 'string' || typeof group?.constant !== 'bigint')
        throw new Error('a pattern and its group are constant');
      return sql`toString(extractGroups(${source.sql}, ${text(pattern.constant)})[${count(Number(group.constant) + 2)}])`;
    },
  },
};
