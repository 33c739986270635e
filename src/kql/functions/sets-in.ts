import { joinSql, type Sql, Strength, sql, sqlOp } from '../../clickhouse/sql.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { coerce, convert } from './coerce.ts';
import { comparable } from './comparison.ts';
import { type Folding, foldConstant, foldValue, isAscii } from './folding.ts';
import { elementTexts, listMembers, overTexts } from './list-members.ts';
import { need } from './operand.ts';
import { placeFilter } from './place-filter.ts';
import type { Argument, FunctionFamily, ScalarFunction } from './registry.ts';
import { ALWAYS } from './terms.ts';
import { hasAll, hasAny, indexFilterOfAny } from './terms-of-list.ts';

/**
 * Membership in a list, a constant array, an array or a relation. `in` is an `or` of equalities and never null.
 * https://learn.microsoft.com/kusto/query/in-operator
 */
export const setsIn: FunctionFamily = {
  in: member('True where the value is among the members.', 'in-cs-operator', 'exact', true, [
    ['2 in (1, 2)', 'True'],
    ['"A" in ("a", "b")', 'False'],
    ['long(null) in (1, 2)', 'False'],
    ['3 in (dynamic([1, [2, 3]]))', 'True'],
  ]),
  '!in': member('True where the value is not among the members.', 'not-in-cs-operator', 'exact', false, [
    ['long(null) !in (1, 2)', 'True'],
  ]),
  'in~': member('The same, upper and lower case alike.', 'in-operator', 'folded', true, [
    ['"CMD.exe" in~ ("cmd.exe", "b")', 'True'],
  ]),
  '!in~': member(
    'True where no member is the same but for upper and lower case.',
    'not-in-operator',
    'folded',
    false,
    [['"CMD.exe" !in~ ("cmd.exe", "b")', 'False']],
  ),
  has_any: search('True where the text has any of the terms.', 'has-any-operator', hasAny, [
    ['"North Carolina" has_any ("south", "north")', 'True'],
    ['"C:\\\\a\\\\cmd.exe" has_any (dynamic(["md.exe", "powershell.exe"]))', 'False'],
    ['"a" has_any (dynamic([]))', 'False'],
  ]),
  has_all: search('True where the text has all of the terms.', 'has-all-operator', hasAll, [
    ['"cold and windy day" has_all ("day", "COLD")', 'True'],
    ['"cold day" has_all ("day", "co")', 'False'],
  ]),
};

function member(
  summary: string,
  page: string,
  folding: Folding,
  positive: boolean,
  examples: readonly (readonly [string, string])[],
): ScalarFunction {
  return {
    summary,
    page,
    nulls: 'never',
    sql: ([left, ...list]) => {
      const found = isMember(need(left), list, folding);
      return positive ? found : sqlOp(Strength.not)`NOT ${found}`;
    },
    examples,
  };
}

function search(
  summary: string,
  page: string,
  make: (value: Argument, list: readonly Argument[]) => Sql,
  examples: readonly (readonly [string, string])[],
): ScalarFunction {
  return {
    summary,
    page,
    nulls: 'never',
    sql: ([left, ...list]) => make(coerce(need(left), 'string'), list),
    examples,
  };
}

/** Never null. */
function isMember(left: Argument, list: readonly Argument[], folding: Folding): Sql {
  const { constants, arrays, relations, others } = listMembers(list);
  const tests: Sql[] = [];
  if (left.type === 'string') {
    const texts = constants.map((each) => coerce(each, 'string'));
    tests.push(
      ...amongTexts(
        left,
        texts.flatMap((each) => (typeof each.constant === 'string' ? [each.constant] : [])),
        folding,
      ),
    );
    others.push(...texts.filter((each) => typeof each.constant !== 'string'));
  } else {
    tests.push(...amongConstants(left, constants));
  }
  tests.push(...relations.map((each) => amongRows(left, each, folding)));
  tests.push(...arrays.map((each) => amongElements(left, each.sql, folding)));
  tests.push(...others.map((each) => same(left, each, folding)));
  return tests.length === 0 ? sql`0` : joinSql(tests, ' OR ');
}

const amid = sqlOp(Strength.comparison);

function notNull(argument: Argument, test: Sql): Sql {
  return argument.nullable ? sql`ifNull(${test}, 0)` : test;
}

/** Measured: 200 members took twice as long with the index as without, over 2.5 million rows. */
const MAX_SUBSTRING_LOOKUPS = 20;

function amongTexts(left: Argument, wanted: readonly string[], folding: Folding): Sql[] {
  if (wanted.length === 0) return [];
  const unique = [...new Set(wanted)];
  const ascii = unique.every(isAscii);
  const values = joinSql(
    unique.map((each) => foldConstant(each, folding)),
    ', ',
  );
  // The engine would look each member up in the index of substrings, granule by granule: past some members that takes
  // longer than the rows do, while nearly every granule has one of them. It knows the column by its bare name only.
  const scanned = unique.length > MAX_SUBSTRING_LOOKUPS && left.indexes.includes('substrings');
  const value = scanned ? sql`identity(${left.sql})` : left.sql;
  const test = amid`${foldValue(value, folding, ascii)} IN (${values})`;
  return [
    joinSql([...indexFilterOfAny(left, unique), ...placeFilter(left.sql, unique, folding), test], ' AND '),
  ];
}

/** Constants of the left side's own type go into one `IN`; others are compared one by one. */
function amongConstants(left: Argument, constants: readonly Argument[]): Sql[] {
  const wanted = constants.filter((each) => each.constant !== null && each.constant !== '');
  const alike = wanted.filter(
    (each) => left.type === each.type || (isWhole(left.type) && isWhole(each.type)),
  );
  const values = joinSql(
    alike.map((each) => each.sql),
    ', ',
  );
  const rest = wanted.filter((each) => !alike.includes(each)).map((each) => same(left, each, 'exact'));
  return alike.length === 0 ? rest : [notNull(left, amid`${left.sql} IN (${values})`), ...rest];
}

function isWhole(type: KqlType): boolean {
  return type === 'int' || type === 'long';
}

function same(left: Argument, right: Argument, folding: Folding): Sql {
  const [a, b] = comparable(left, right, false);
  const fold = folding === 'folded' && a.type === 'string' && b.type === 'string';
  const values = [a, b].map((each) => (fold ? foldValue(each.sql, folding, false) : each.sql));
  const [x, y] = values;
  if (x === undefined || y === undefined) return ALWAYS;
  const test = amid`${x} = ${y}`;
  return a.nullable || b.nullable ? sql`ifNull(${test}, 0)` : test;
}

function amongRows(left: Argument, relation: Argument, folding: Folding): Sql {
  const plain = left.type === relation.type || (isWhole(left.type) && isWhole(relation.type));
  if (plain && (folding === 'exact' || left.type !== 'string')) {
    return notNull(left, amid`${left.sql} IN ${relation.sql}`);
  }
  if (
    left.type === 'string' ||
    relation.type === 'string' ||
    relation.type === 'dynamic' ||
    left.type === 'dynamic'
  ) {
    const value = coerce(left, 'string').sql;
    const rows = overTexts(
      relation,
      (texts) => sql`arrayJoin(arrayMap(__v -> ${foldValue(sql`__v`, folding, false)}, ${texts}))`,
    );
    return amid`${foldValue(value, folding, false)} IN ${rows}`;
  }
  const real = sql`(SELECT arrayJoin(arrayMap(__v -> toFloat64(__v), groupUniqArray(*))) FROM ${relation.sql})`;
  return notNull(left, amid`toFloat64(${left.sql}) IN ${real}`);
}

function amongElements(left: Argument, array: Sql, folding: Folding): Sql {
  if (left.type === 'string') {
    const value = foldValue(left.sql, folding, false);
    const texts =
      folding === 'exact'
        ? elementTexts(array)
        : sql`arrayMap(__v -> lowerUTF8(__v), ${elementTexts(array)})`;
    return sql`has(${texts}, ${value})`;
  }
  const elements = sql`arrayFlatten([JSONExtractArrayRaw(if(startsWith(${array}, '['), ${array}, concat('[', ${array}, ']')))])`;
  if (left.type === 'dynamic') return sql`has(${elements}, ${left.sql})`;
  const type = isWhole(left.type) ? 'real' : left.type;
  return notNull(
    { ...left, nullable: true },
    sql`arrayExists(__v -> ifNull(${convert(sql`__v`, 'dynamic', type)} = ${left.sql}, 0), ${elements})`,
  );
}
