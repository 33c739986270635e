import { joinSql, type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { convert } from './coerce.ts';
import { arrayElements } from './dynamic-path.ts';
import { commaList, comparableElement, isArray, overArray, printArray } from './elements.ts';
import { operand } from './operand.ts';
import type { Argument, FunctionFamily } from './registry.ts';

/** `body` where every argument is an array, '' otherwise. */
function allArrays(args: readonly Argument[], body: Sql, otherwise: Sql = sql`''`): Sql {
  return sql`if(${joinSql(
    args.map((arg) => isArray(arg.sql)),
    ' AND ',
  )}, ${body}, ${otherwise})`;
}

function inAll(sets: readonly Argument[]): Sql {
  return joinSql(
    sets.map((set) => sql`has(${arrayElements(set.sql)}, __x)`),
    ' AND ',
  );
}

function inAny(sets: readonly Argument[]): Sql {
  return joinSql(
    sets.map((set) => sql`has(${arrayElements(set.sql)}, __x)`),
    ' OR ',
  );
}

function jaccard(a: Sql, b: Sql): Sql {
  return bind(sql`__j`, sql`[${a}, ${b}]`, (sets) => {
    const shared = sql`length(arrayIntersect(${sets}[1], ${sets}[2]))`;
    const either = sql`length(arrayDistinct(arrayConcat(${sets}[1], ${sets}[2])))`;
    return sql`divide(${shared}, ${either})`;
  });
}

/** Arrays taken as sets: every value once, in the order of its first place. */
export const sets: FunctionFamily = {
  set_union: {
    summary: 'Every value that is in any of the arrays.',
    page: 'set-union-function',
    params: ['dynamic'],
    sql: (args) =>
      allArrays(
        args,
        printArray(sql`arrayDistinct(arrayConcat(${commaList(args.map((arg) => arrayElements(arg.sql)))}))`),
      ),
    examples: [['set_union(dynamic([2, 1, 2]), dynamic([1, 3]))', '[2,1,3]']],
  },
  set_intersect: {
    summary: 'Every value that is in all of the arrays.',
    page: 'set-intersect-function',
    params: ['dynamic'],
    sql: (args) => {
      const first = arrayElements(operand(args, 0).sql);
      const rest = args.slice(1);
      if (rest.length === 0) return allArrays(args, printArray(sql`arrayDistinct(${first})`));
      return allArrays(args, printArray(sql`arrayDistinct(arrayFilter(__x -> ${inAll(rest)}, ${first}))`));
    },
    examples: [['set_intersect(dynamic([3, 1, 2, 1]), dynamic([1, 3, 5]))', '[3,1]']],
  },
  set_difference: {
    summary: 'Every value of the first array that is in none of the others.',
    page: 'set-difference-function',
    params: ['dynamic'],
    sql: (args) => {
      const first = arrayElements(operand(args, 0).sql);
      const rest = args.slice(1);
      if (rest.length === 0) return allArrays(args, printArray(sql`arrayDistinct(${first})`));
      return allArrays(
        args.slice(0, 1),
        printArray(sql`arrayDistinct(arrayFilter(__x -> not(${inAny(rest)}), ${first}))`),
      );
    },
    examples: [['set_difference(dynamic([1, 2, 1, 4]), dynamic([2]), dynamic([8]))', '[1,4]']],
  },
  set_has_element: {
    summary: 'True where the value is an element of the array; null where there is no array.',
    page: 'set-has-element-function',
    params: ['dynamic', 'any'],
    nulls: 'maybe',
    sql: (args) => {
      const needle = comparableElement(operand(args, 1));
      return overArray(operand(args, 0).sql, (elements) => sql`has(${elements}, ${needle})`, sql`NULL`);
    },
    examples: [
      ['set_has_element(dynamic(["this", "is"]), "is")', 'True'],
      ['set_has_element(dynamic([1, 2]), 2.0)', 'True'],
    ],
  },
  set_equals: {
    summary: 'True where both arrays hold the same values.',
    page: 'set-equals-function',
    params: ['dynamic'],
    nulls: 'maybe',
    sql: (args) => {
      const sorted = args.map((arg) => sql`arraySort(arrayDistinct(${arrayElements(arg.sql)}))`);
      return allArrays(args, sql`equals(${commaList(sorted)})`, sql`NULL`);
    },
    examples: [['set_equals(dynamic([1, 2, 2]), dynamic([2, 1]))', 'True']],
  },
  jaccard_index: {
    summary: 'Shared values per value of either array.',
    page: 'jaccard-index-function',
    params: ['dynamic'],
    nulls: 'maybe',
    sql: (args, context) => {
      const index = jaccard(arrayElements(operand(args, 0).sql), arrayElements(operand(args, 1).sql));
      return convert(allArrays(args, index, sql`NULL`), 'real', context.type);
    },
    examples: [['toreal(jaccard_index(dynamic([1, 2, 3]), dynamic([1, 2, 3, 4])))', '0.75']],
  },
};
