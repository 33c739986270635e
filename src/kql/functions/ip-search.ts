import { joinSql, type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { convert } from './coerce.ts';
import { elementTexts } from './list-members.ts';
import { need } from './operand.ts';
import type { Argument, FunctionFamily, ScalarFunction } from './registry.ts';
import { indexFilter, WHOLE } from './terms.ts';

/**
 * Addresses inside of texts. An address there is a run of letters, digits and single dots that is valid as a whole.
 * https://learn.microsoft.com/kusto/query/has-ipv4-function
 */
export const ipSearch: FunctionFamily = {
  has_ipv4: searching(
    'has-ipv4-function',
    isAddress,
    ['has_ipv4("05:04:54 127.0.0.1 GET", "127.0.0.1")', 'True'],
    ['has_ipv4("05:04:54127.0.0.1 GET", "127.0.0.1")', 'False'],
    ['has_ipv4("127.0.0.256", "127.0.0.256")', 'False'],
  ),
  has_any_ipv4: searching('has-any-ipv4-function', isAddress, [
    'has_any_ipv4("05:04:54 127.0.0.1.", dynamic(["127.0.0.2", "127.0.0.1"]))',
    'True',
  ]),
  has_ipv4_prefix: searching(
    'has-ipv4-prefix-function',
    hasPrefix,
    ['has_ipv4_prefix("05:04:54 127.0.0.1 GET", "127.0.")', 'True'],
    ['has_ipv4_prefix("05:04:54 127.0.0.1 GET", "127.0")', 'False'],
    ['has_ipv4_prefix("at 127.0.0.256", "127.0.")', 'False'],
  ),
  has_any_ipv4_prefix: searching('has-any-ipv4-prefix-function', hasPrefix, [
    'has_any_ipv4_prefix("05:04:54 127.0.0.1 GET", "10.", "127.0.")',
    'True',
  ]),
};

function searching(
  page: string,
  test: (candidates: Sql, needle: Sql) => Sql,
  ...examples: readonly (readonly [string, string])[]
): ScalarFunction {
  return {
    summary: 'Whether the text has an address that is, or starts with, one of those given.',
    page,
    params: ['string', 'any'],
    nulls: 'never',
    sql: ([value, ...needles]) => {
      const source = need(value);
      const texts = needles.map((each) =>
        each.type === 'dynamic' ? elementTexts(each.sql) : sql`[${convert(each.sql, each.type, 'string')}]`,
      );
      const candidates = sql`extractAll(${source.sql}, '[\\\\p{L}\\\\p{N}]+(?:[.][\\\\p{L}\\\\p{N}]+)*')`;
      const valid = sql`arrayFilter(__c -> isNotNull(IPv4StringToNumOrNull(__c)), ${candidates})`;
      const found = sql`arrayExists(__n -> ${bind(sql`__v`, valid, (v) => test(v, sql`__n`))}, arrayConcat(${joinSql(texts, ', ')}))`;
      return joinSql([...quickly(source, needles), found], ' AND ');
    },
    examples,
  };
}

/** A literal search leaves the costly one few rows. */
function quickly(value: Argument, needles: readonly Argument[]): Sql[] {
  const [only, ...more] = needles;
  const constant = only?.constant;
  if (typeof constant !== 'string' || only?.type !== 'string' || more.length > 0 || constant === '')
    return [];
  const right = !constant.endsWith('.');
  return [...indexFilter(value, constant, { ...WHOLE, right }), sql`position(${value.sql}, ${only.sql}) > 0`];
}

function isAddress(candidates: Sql, needle: Sql): Sql {
  return sql`has(${candidates}, ${needle})`;
}

function hasPrefix(candidates: Sql, needle: Sql): Sql {
  const valid = sql`match(${needle}, '^([0-9]{1,3}[.]){1,3}$')`;
  return sql`if(${valid}, arrayExists(__c -> startsWith(__c, ${needle}), ${candidates}), has(${candidates}, ${needle}))`;
}
