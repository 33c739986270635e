import { float64, int64, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { convert } from './coerce.ts';
import { dynamicText } from './dynamic-path.ts';
import type { Argument } from './registry.ts';

/** The members of `in`, `has_any` and `has_all`, by how they can be compared. */
export interface ListMembers {
  /** Of any type; null and '' of a dynamic are left out. */
  readonly constants: Argument[];
  /** Dynamics that are known only in the engine. */
  readonly arrays: Argument[];
  readonly relations: Argument[];
  readonly others: Argument[];
}

/** Sorts the members; constant arrays are expanded, arrays in arrays too. */
export function listMembers(list: readonly Argument[]): ListMembers {
  const members: ListMembers = { constants: [], arrays: [], relations: [], others: [] };
  for (const each of list) {
    if (each.isRelation) members.relations.push(each);
    else if (each.type === 'dynamic' && typeof each.constant === 'string') {
      members.constants.push(...elementsOf(each.constant));
    } else if (each.type === 'dynamic') members.arrays.push(each);
    else if (each.constant !== undefined) members.constants.push(each);
    else members.others.push(each);
  }
  return members;
}

function elementsOf(json: string): Argument[] {
  return json === '' ? [] : flatten(JSON.parse(json));
}

function flatten(value: unknown): Argument[] {
  if (Array.isArray(value)) return value.flatMap(flatten);
  const base = { nullable: false, indexes: [], isRelation: false } as const;
  switch (typeof value) {
    case 'string':
      return [{ ...base, sql: text(value), type: 'string', constant: value }];
    case 'boolean':
      return [{ ...base, sql: value ? sql`true` : sql`false`, type: 'bool', constant: value }];
    case 'number':
      return Number.isSafeInteger(value)
        ? [{ ...base, sql: int64(value), type: 'long', constant: BigInt(value) }]
        : [{ ...base, sql: float64(value), type: 'real', constant: value }];
    default: {
      if (value === null) return [];
      const json = JSON.stringify(value);
      return [{ ...base, sql: text(json), type: 'dynamic', constant: json }];
    }
  }
}

/** The texts of the elements of an array known in the engine; of a single value, its text. An Array(String). */
export function elementTexts(array: Sql): Sql {
  const raw = sql`JSONExtractArrayRaw(if(startsWith(${array}, '['), ${array}, concat('[', ${array}, ']')))`;
  return sql`arrayMap(__t -> ${dynamicText(sql`if(__t = 'null', '', __t)`)}, ${raw})`;
}

/**
 * What `make` does with all values of a relation's one column, or of the arrays in it: an Array(String), empty over no
 * rows. The whole is a scalar subquery, which the engine takes for a constant.
 */
export function overTexts(relation: Argument, make: (texts: Sql) => Sql): Sql {
  return sql`(SELECT ${make(textsOf(relation))} FROM ${relation.sql})`;
}

function textsOf(relation: Argument): Sql {
  if (relation.type === 'string') return sql`groupUniqArray(*)`;
  if (relation.type === 'dynamic') {
    return sql`arrayDistinct(arrayFlatten(arrayMap(__d -> ${elementTexts(sql`__d`)}, groupUniqArray(*))))`;
  }
  return sql`arrayMap(__d -> ${convert(sql`__d`, relation.type, 'string')}, groupUniqArray(*))`;
}
