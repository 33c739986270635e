import { joinSql, type Sql, Strength, sql, sqlOp } from '../../clickhouse/sql.ts';
import { type Folding, foldConstant, foldValue, isAscii } from './folding.ts';
import { placeFilter } from './place-filter.ts';
import { matchesRegex } from './regex-match.ts';
import type { Argument, FunctionFamily, ScalarFunction } from './registry.ts';
import {
  ALWAYS,
  type Boundaries,
  hasConstant,
  hasExpression,
  indexFilter,
  likeConstant,
  WHOLE,
} from './terms.ts';

type Test = (value: Argument, needle: Argument, folding: Folding) => Sql;

/**
 * Tests of one text against another. A missing text is '', so none of them is ever null; an empty needle is found in
 * every value.
 * https://learn.microsoft.com/kusto/query/datatypes-string-operators
 */
export const stringOperators: FunctionFamily = {
  ...family('has', 'Searches whole terms.', 'has-operator', searchTerms(WHOLE), [
    ['"North America" has "america"', 'True'],
    ['"KustoExplorerQueryRun" has "Explorer"', 'False'],
    ['"C:\\\\Temp\\\\a.exe" has "temp\\\\a"', 'True'],
    ['"a_b" has "a"', 'True'],
    ['"CAFÉ" has "café"', 'True'],
    ['"" has ""', 'True'],
  ]),
  ...family(
    'hasprefix',
    'Searches the starts of terms.',
    'hasprefix-operator',
    searchTerms({ left: true, right: false }),
    [
      ['"Hello World" hasprefix "wor"', 'True'],
      ['"Hello World" hasprefix "orld"', 'False'],
    ],
  ),
  ...family(
    'hassuffix',
    'Searches the ends of terms.',
    'hassuffix-operator',
    searchTerms({ left: false, right: true }),
    [
      ['"Hello World" hassuffix "llo"', 'True'],
      ['"Hello World" hassuffix "worl"', 'False'],
    ],
  ),
  ...family('contains', 'Searches a part of the text.', 'contains-operator', contains, [
    ['"FabriKam" contains "BRik"', 'True'],
    ['"100%_a" contains "%_"', 'True'],
  ]),
  ...family('startswith', 'Compares the start of the text.', 'startswith-operator', startsWith, [
    ['"Fabrikam" startswith "fab"', 'True'],
    ['"Fabrikam" startswith "ab"', 'False'],
  ]),
  ...family('endswith', 'Compares the end of the text.', 'endswith-operator', endsWith, [
    ['"Fabrikam" endswith "KAM"', 'True'],
    ['"Fabrikam" endswith "ka"', 'False'],
  ]),
  '=~': entry(
    'Compares texts, upper and lower case alike.',
    'equals-operator',
    (value, needle) => equalFolded(value, needle),
    [['"Cmd.EXE" =~ "cmd.exe"', 'True']],
  ),
  '!~': entry(
    'True where texts differ by more than upper and lower case.',
    'not-equals-operator',
    (value, needle) => negate(equalFolded(value, needle)),
    [['"Cmd.EXE" !~ "cmd.exe"', 'False']],
  ),
  'matches regex': entry('Searches a regular expression.', 'matches-regex-operator', matchesRegex, [
    ['"a1" matches regex "^[a-z]\\\\d$"', 'True'],
    ['"A1" matches regex "^[a-z]\\\\d$"', 'False'],
  ]),
};

/** `x`, `!x`, `x_cs` and `!x_cs`. */
function family(
  name: string,
  summary: string,
  page: string,
  test: Test,
  examples: readonly (readonly [string, string])[],
): FunctionFamily {
  return {
    [name]: entry(summary, page, (value, needle) => test(value, needle, 'folded'), examples),
    [`!${name}`]: entry(`${summary} True where it finds nothing.`, `not-${page}`, (value, needle) =>
      negate(test(value, needle, 'folded')),
    ),
    [`${name}_cs`]: entry(`${summary} Case matters.`, page.replace('-', '-cs-'), (value, needle) =>
      test(value, needle, 'exact'),
    ),
    [`!${name}_cs`]: entry(
      `${summary} Case matters; true where it finds nothing.`,
      `not-${page.replace('-', '-cs-')}`,
      (value, needle) => negate(test(value, needle, 'exact')),
    ),
  };
}

function entry(
  summary: string,
  page: string,
  make: (value: Argument, needle: Argument) => Sql,
  examples: readonly (readonly [string, string])[] = [],
): ScalarFunction {
  return {
    summary,
    page,
    params: ['string', 'string'],
    nulls: 'never',
    sql: ([value, needle]) => {
      if (!value || !needle) throw new Error('the binder let an operator without an operand pass');
      return make(value, needle);
    },
    examples,
  };
}

export function negate(test: Sql): Sql {
  return sqlOp(Strength.not)`NOT ${test}`;
}

function searchTerms(boundaries: Boundaries): Test {
  return (value, needle, folding) =>
    typeof needle.constant === 'string'
      ? hasConstant(value, needle.constant, boundaries, folding)
      : hasExpression(value.sql, needle.sql, boundaries, folding);
}

function contains(value: Argument, needle: Argument, folding: Folding): Sql {
  const constant = needle.constant;
  if (typeof constant !== 'string') {
    const [left, right] = bothFolded(value, needle, folding);
    return sqlOp(Strength.comparison)`position(${left}, ${right}) > 0`;
  }
  if (constant === '') return ALWAYS;
  return withIndex(value, constant, { left: false, right: false }, folding, 'contains');
}

function startsWith(value: Argument, needle: Argument, folding: Folding): Sql {
  const constant = needle.constant;
  if (typeof constant !== 'string')
    return sql`startsWith(${joinSql(bothFolded(value, needle, folding), ', ')})`;
  if (constant === '') return ALWAYS;
  return withIndex(value, constant, { left: true, right: false }, folding, 'starts');
}

function endsWith(value: Argument, needle: Argument, folding: Folding): Sql {
  const constant = needle.constant;
  if (typeof constant !== 'string')
    return sql`endsWith(${joinSql(bothFolded(value, needle, folding), ', ')})`;
  if (constant === '') return ALWAYS;
  return withIndex(value, constant, { left: false, right: true }, folding, 'ends');
}

/** The test itself, behind what the column's indexes know of it: whole terms, and n-grams in lower case. */
function withIndex(
  value: Argument,
  needle: string,
  boundaries: Boundaries,
  folding: Folding,
  shape: 'contains' | 'starts' | 'ends',
): Sql {
  const filters = [...indexFilter(value, needle, boundaries), ...placeFilter(value.sql, [needle], folding)];
  const exact = folding === 'exact' && value.indexes.includes('substrings') && isAscii(needle);
  if (exact) filters.push(likeConstant(value.sql, needle, 'folded', shape));
  return joinSql([...filters, likeConstant(value.sql, needle, folding, shape)], ' AND ');
}

function bothFolded(value: Argument, needle: Argument, folding: Folding): readonly [Sql, Sql] {
  return [foldValue(value.sql, folding, false), foldValue(needle.sql, folding, false)];
}

function equalFolded(value: Argument, needle: Argument): Sql {
  const op = sqlOp(Strength.comparison);
  if (typeof needle.constant !== 'string') {
    if (typeof value.constant === 'string') return equalFolded(needle, value);
    const [left, right] = bothFolded(value, needle, 'folded');
    return op`${left} = ${right}`;
  }
  const folded = foldValue(value.sql, 'folded', isAscii(needle.constant));
  const same = op`${folded} = ${foldConstant(needle.constant, 'folded')}`;
  const placed = placeFilter(value.sql, [needle.constant], 'folded');
  return joinSql([...indexFilter(value, needle.constant, WHOLE), ...placed, same], ' AND ');
}
