import { count, joinSql, type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { convert } from './coerce.ts';
import { masked4, network4, network6, ownNetwork4, suffix4, suffix6, text4, text6 } from './ip-address.ts';
import { type ConstantNetwork, constantNetwork, inNetworks, maskedBits, mostlyPlain } from './ip-constant.ts';
import { elementTexts } from './list-members.ts';
import { need } from './operand.ts';
import type { Argument, FunctionFamily, ScalarFunction } from './registry.ts';

type Kind = { readonly suffix: (address: Sql) => Sql; readonly network: (address: Sql, length: Sql) => Sql };

const V4: Kind = { suffix: suffix4, network: network4 };
const V6: Kind = { suffix: suffix6, network: network6 };

/** Two networks under the smallest of their suffixes and the optional one; null where an address is invalid. */
function paired(
  kind: Kind,
  left: Sql,
  right: Sql,
  length: Argument | undefined,
  answer: (a: Sql, b: Sql) => Sql,
): Sql {
  return bind(sql`__x`, left, (x) =>
    bind(sql`__y`, right, (y) => {
      const lengths = [kind.suffix(x), kind.suffix(y), ...(length ? [length.sql] : [])];
      const smallest = sql`arrayReduce('min', arrayFilter(__z -> isNotNull(__z), [${joinSql(lengths, ', ')}]))`;
      const known = joinSql(
        lengths.map((each) => sql`isNotNull(${each})`),
        ' AND ',
      );
      return bind(sql`__n`, sql`if(${known}, ${smallest}, NULL)`, (n) =>
        bind(sql`__p`, kind.network(x, n), (p) => bind(sql`__q`, kind.network(y, n), (q) => answer(p, q))),
      );
    }),
  );
}

function equal(a: Sql, b: Sql): Sql {
  return sql`(${a} = ${b})`;
}

function order(a: Sql, b: Sql): Sql {
  return sql`multiIf(isNull(${a}) OR isNull(${b}), NULL, ${a} < ${b}, toInt64(-1), ${a} > ${b}, toInt64(1), toInt64(0))`;
}

function comparing(
  kind: Kind,
  summary: string,
  page: string,
  answer: (a: Sql, b: Sql) => Sql,
  ...examples: readonly (readonly [string, string])[]
): ScalarFunction {
  return {
    summary,
    page,
    params: ['string', 'string', 'long'],
    nulls: 'maybe',
    sql: ([left, right, length]) => {
      const network = kind === V4 ? constantNetwork(need(right).constant, length?.constant) : undefined;
      const throughout = (address: Sql) => paired(kind, address, need(right).sql, length, answer);
      if (network === undefined) return throughout(need(left).sql);
      return bind(sql`__a`, need(left).sql, (address) =>
        mostlyPlain(address, answer(maskedBits(address, network), count(network.bits)), throughout(address)),
      );
    },
    examples,
  };
}

function inAnyRange(
  kind: Kind,
  summary: string,
  page: string,
  ...examples: readonly (readonly [string, string])[]
): ScalarFunction {
  return {
    summary,
    page,
    params: ['string', 'any'],
    nulls: 'maybe',
    sql: ([address, ...ranges]) => {
      const inside = (range: Sql) => paired(kind, need(address).sql, range, undefined, equal);
      const texts = ranges.map((each) =>
        each.type === 'dynamic' ? elementTexts(each.sql) : sql`[${convert(each.sql, each.type, 'string')}]`,
      );
      const valid = sql`isNotNull(${bind(sql`__v`, need(address).sql, kind.suffix)})`;
      const found = sql`arrayExists(__r -> ifNull(${inside(sql`__r`)}, 0), arrayConcat(${joinSql(texts, ', ')}))`;
      const throughout = sql`if(${valid}, ${found}, NULL)`;
      const networks = kind === V4 ? constantNetworks(ranges) : undefined;
      if (networks === undefined) return throughout;
      return bind(sql`__a`, need(address).sql, (a) => mostlyPlain(a, inNetworks(a, networks), throughout));
    },
    examples,
  };
}

/** Few enough to be tried one after the other in a row's test. */
const MAX_NETWORKS = 100;

/** The networks of a list whose members are all known; undefined where one is not, or there is none. */
function constantNetworks(ranges: readonly Argument[]): readonly ConstantNetwork[] | undefined {
  const texts = ranges.flatMap(({ constant, type }): unknown[] => {
    if (type !== 'dynamic' || typeof constant !== 'string' || !constant.startsWith('[')) return [constant];
    return JSON.parse(constant) as unknown[];
  });
  if (texts.length === 0 || texts.length > MAX_NETWORKS) return undefined;
  const networks = texts.map((text) => (typeof text === 'string' ? constantNetwork(text) : undefined));
  return networks.every((network) => network !== undefined) ? networks : undefined;
}

/** Address texts and their networks. https://learn.microsoft.com/kusto/query/ipv4-functions */
export const ip: FunctionFamily = {
  ipv4_compare: comparing(
    V4,
    '-1, 0 or 1: the order of two addresses in their common network.',
    'ipv4-compare-function',
    order,
    ['ipv4_compare("192.168.1.1/24", "192.168.1.255")', '0'],
    ['isnull(ipv4_compare("x", "192.168.1.255"))', 'True'],
  ),
  ipv4_is_match: comparing(
    V4,
    'Whether two addresses are in the same network.',
    'ipv4-is-match-function',
    equal,
    ['ipv4_is_match("192.168.1.1", "192.168.1.255", 24)', 'True'],
  ),
  ipv4_is_in_range: comparing(V4, 'Whether an address is in a network.', 'ipv4-is-in-range-function', equal, [
    'ipv4_is_in_range("127.0.0.1", "127.0.0.1/8")',
    'True',
  ]),
  ipv4_is_in_any_range: inAnyRange(
    V4,
    'Whether an address is in one of the networks.',
    'ipv4-is-in-any-range-function',
    ['ipv4_is_in_any_range("10.1.2.3", dynamic(["192.168.1.1/16", "10.0.0.1/8"]))', 'True'],
  ),
  ipv4_is_private: {
    summary: 'Whether an address is in one of the private networks of RFC 1918.',
    page: 'ipv4-is-private-function',
    params: ['string'],
    nulls: 'maybe',
    sql: ([address]) =>
      bind(sql`__a`, need(address).sql, (a) =>
        bind(
          sql`__n`,
          ownNetwork4(a),
          (n) =>
            sql`(bitShiftRight(${n}, 24) = 10 OR bitShiftRight(${n}, 20) = 2753 OR bitShiftRight(${n}, 16) = 49320)`,
        ),
      ),
    examples: [
      ['ipv4_is_private("192.168.1.1/24")', 'True'],
      ['ipv4_is_private("172.31.255.255")', 'True'],
      ['ipv4_is_private("127.0.0.1")', 'False'],
      ['isnull(ipv4_is_private("abc"))', 'True'],
    ],
  },
  ipv4_netmask_suffix: {
    summary: 'The suffix of an address, 32 where it has none.',
    page: 'ipv4-netmask-suffix-function',
    params: ['string'],
    nulls: 'maybe',
    sql: ([address]) => bind(sql`__a`, need(address).sql, suffix4),
    examples: [['ipv4_netmask_suffix("192.168.1.1/24")', '24']],
  },
  parse_ipv4: {
    summary: 'The number of the address, or of its network where it has a suffix.',
    page: 'parse-ipv4-function',
    params: ['string'],
    nulls: 'maybe',
    sql: ([address]) => bind(sql`__a`, need(address).sql, (a) => ownNetwork4(a)),
    examples: [['parse_ipv4("192.168.1.1/24")', '3232235776']],
  },
  parse_ipv4_mask: {
    summary: 'The number of the network of the given length.',
    page: 'parse-ipv4-mask-function',
    params: ['string', 'long'],
    nulls: 'maybe',
    sql: ([address, length]) =>
      bind(sql`__a`, need(address).sql, (a) => network4(a, shorter(suffix4(a), need(length).sql, 32))),
    examples: [
      ['parse_ipv4_mask("127.0.0.1", 24)', '2130706432'],
      ['isnull(parse_ipv4_mask("127.0.0.1", 1000))', 'True'],
    ],
  },
  format_ipv4: formatting(
    false,
    'format-ipv4-function',
    ['format_ipv4("192.168.1.255", 24)', '192.168.1.0'],
    ['format_ipv4(3232236031)', '192.168.1.255'],
  ),
  format_ipv4_mask: formatting(
    true,
    'format-ipv4-mask-function',
    ['format_ipv4_mask("192.168.1.1/24", 32)', '192.168.1.0/24'],
    ['format_ipv4_mask("192.168.1.1", -1)', ''],
  ),
  ipv6_compare: comparing(
    V6,
    '-1, 0 or 1: the order of two addresses in their common network.',
    'ipv6-compare-function',
    order,
    ['ipv6_compare("192.168.1.1/24", "::ffff:c0a8:01ff", 127)', '0'],
  ),
  ipv6_is_match: comparing(
    V6,
    'Whether two addresses are in the same network.',
    'ipv6-is-match-function',
    equal,
    ['ipv6_is_match("fe80::85d:e82c:9446:7994/120", "fe80::85d:e82c:9446:7998")', 'True'],
    ['ipv6_is_match("::192.168.1.1/30", "192.168.1.255/24")', 'True'],
  ),
  ipv6_is_in_range: comparing(V6, 'Whether an address is in a network.', 'ipv6-is-in-range-function', equal),
  ipv6_is_in_any_range: inAnyRange(
    V6,
    'Whether an address is in one of the networks.',
    'ipv6-is-in-any-range-function',
  ),
  parse_ipv6: {
    summary: 'The address, or its network where it has a suffix, as eight groups of four digits.',
    page: 'parse-ipv6-function',
    params: ['string'],
    nulls: 'never',
    sql: ([address]) => bind(sql`__a`, need(address).sql, (a) => text6(network6(a, suffix6(a)))),
    examples: [['parse_ipv6("192.168.255.255/24")', '0000:0000:0000:0000:0000:ffff:c0a8:ff00']],
  },
  parse_ipv6_mask: {
    summary: 'The network of the given length as eight groups of four digits.',
    page: 'parse-ipv6-mask-function',
    params: ['string', 'long'],
    nulls: 'never',
    sql: ([address, length]) =>
      bind(sql`__a`, need(address).sql, (a) =>
        text6(network6(a, shorter(suffix6(a), need(length).sql, 128))),
      ),
    examples: [
      ['parse_ipv6_mask("fe80::85d:e82c:9446:7994/120", 124)', 'fe80:0000:0000:0000:085d:e82c:9446:7900'],
    ],
  },
};

/** The smaller of two lengths; NULL where one is, or the wanted one is out of range. */
function shorter(own: Sql, wanted: Sql, most: 32 | 128): Sql {
  const limit = most === 32 ? sql`32` : sql`128`;
  return bind(sql`__w`, wanted, (w) =>
    bind(
      sql`__o`,
      own,
      (o) => sql`if(ifNull(${w} BETWEEN 0 AND ${limit}, 0) AND isNotNull(${o}), least(${w}, ${o}), NULL)`,
    ),
  );
}

function formatting(
  withSuffix: boolean,
  page: string,
  ...examples: readonly (readonly [string, string])[]
): ScalarFunction {
  return {
    summary: `The network of an address or of its number as text${withSuffix ? ', with its suffix' : ''}; empty if invalid.`,
    page,
    params: ['any', 'long'],
    nulls: 'never',
    sql: ([address, length]) => {
      const value = need(address);
      const number = value.type === 'long' || value.type === 'int';
      return bind(sql`__a`, number ? value.sql : convert(value.sql, value.type, 'string'), (a) => {
        const own = number ? sql`toInt64(32)` : suffix4(a);
        const used = length ? shorter(own, length.sql, 32) : own;
        return bind(sql`__u`, used, (u) => {
          const bits = number ? masked4(sql`toInt64(${a})`, u) : network4(a, u);
          return bind(sql`__t`, text4(bits), (t) =>
            withSuffix ? sql`if(${t} = '', '', concat(${t}, '/', toString(ifNull(${u}, 0))))` : t,
          );
        });
      });
    },
    examples,
  };
}
