import { count, joinSql, type Sql, sql, text } from '../../clickhouse/sql.ts';
import type { Argument, FunctionFamily } from './registry.ts';

/** What `parse-kv` does to values; no query can call these by name. Source: .../kusto/query/parse-kv-operator */
export const kvPairs: FunctionFamily = {
  kv_pairs: {
    summary: 'The pairs of a text as `Array(Tuple(String, String))` of keys and values, in order.',
    page: 'parse-kv-operator',
    sql: (args) => {
      const [source, pattern, quotes, escaping, pairDelimiter] = args as [Argument, ...Argument[]];
      const n = Number(constantOf(quotes));
      const matches = sql`extractAllGroupsVertical(${source.sql}, ${text(String(constantOf(pattern)))})`;
      const delimiter = String(constantOf(pairDelimiter));
      const plain = sql`__g[${count(n + 1)}]`;
      const last = delimiter === '' ? plain : sql`splitByString(${text(delimiter)}, ${plain})[-1]`;
      const key = sql`concat(${quoted(0, n, '')}, trimBoth(${last}))`;
      return sql`arrayMap(__g -> (${key}, ${valueFrom(n + 1, n, String(constantOf(escaping)))}), ${matches})`;
    },
  },
  kv_value: {
    summary: 'The value of the first pair with that key; empty where there is none.',
    page: 'parse-kv-operator',
    sql: (args) => {
      const [pairs, key] = args as [Argument, Argument];
      return sql`arrayFirst(__p -> __p.1 = ${key.sql}, ${pairs.sql}).2`;
    },
  },
  kv_greedy: {
    summary: 'The value that a pattern made for one key finds; it may hold pair delimiters.',
    page: 'parse-kv-operator',
    sql: (args) => {
      const [source, pattern, quotes, escaping] = args as [Argument, ...Argument[]];
      const n = Number(constantOf(quotes));
      const groups = sql`extractGroups(${source.sql}, ${text(String(constantOf(pattern)))})`;
      return sql`arrayMap(__g -> ${valueFrom(0, n, String(constantOf(escaping)))}, [${groups}])[1]`;
    },
  },
  kv_following: {
    summary: 'The word after a key, in a text without delimiters.',
    page: 'parse-kv-operator',
    sql: (args) => {
      const [source, key] = args as [Argument, Argument];
      const words = sql`extractAll(${source.sql}, '[\\\\p{L}\\\\p{N}]+')`;
      return sql`arrayMap(__w -> if(has(__w, ${key.sql}), __w[indexOf(__w, ${key.sql}) + 1], ''), [${words}])[1]`;
    },
  },
};

function constantOf(argument: Argument | undefined): unknown {
  if (argument?.constant === undefined || argument.constant === null)
    throw new Error('a constant is expected');
  return argument.constant;
}

/** A value stands in one of the groups for its quotes, else, with blanks around it, in the one after them. */
function valueFrom(offset: number, quotes: number, escaping: string): Sql {
  return sql`concat(${quoted(offset, quotes, escaping)}, trimBoth(__g[${count(offset + quotes + 1)}]))`;
}

function quoted(offset: number, quotes: number, escaping: string): Sql {
  const groups = Array.from({ length: quotes }, (_, i) => sql`__g[${count(offset + i + 1)}]`);
  const inside = groups.length === 0 ? text('') : sql`concat(${joinSql([text(''), ...groups], ', ')})`;
  if (escaping === '' || groups.length === 0) return inside;
  return sql`replaceRegexpAll(${inside}, ${text(`(?s)\\Q${escaping}\\E(.)`)}, ${text('\\1')})`;
}
