import type { KqlType } from '../../model/kql-type.ts';
import type { Column } from '../../model/table-schema.ts';
import { type Json, ProgramFault, type Table } from './contract.ts';

/** The columns that a plug-in makes of rows, in order. */
export type ColumnMaker = (rows: Table, options: Json) => readonly Column[];

export interface UnpackOptions {
  /** The input's columns. */
  readonly source: readonly Column[];
  /** The column that holds the bags, where it is one. */
  readonly bag: string | undefined;
  readonly prefix: string;
  readonly replaces: boolean;
}

/**
 * The columns of `bag_unpack`: the input's without the bag, then the members in alphabetical order. A member with the
 * name of an input column stands in its place, and is of its own type where it replaces it.
 * Source: https://learn.microsoft.com/kusto/query/bag-unpack-plugin
 */
export function unpackedColumns(
  given: ReadonlyMap<string, KqlType>,
  options: UnpackOptions,
): readonly Column[] {
  const members = new Map([...given].map(([key, type]) => [`${options.prefix}${key}`, type]));
  const columns = options.source
    .filter((column) => column.name !== options.bag || members.has(column.name))
    .map((column): Column => {
      const member = members.get(column.name);
      members.delete(column.name);
      const taken = member !== undefined && (options.replaces || column.name === options.bag);
      return { name: column.name, type: taken ? member : column.type };
    });
  const added = [...members].sort(([a], [b]) => (a < b ? -1 : 1));
  return [...columns, ...added.map(([name, type]) => ({ name, type }))];
}

/** The type of a member whose values have these types: `dynamic` where they differ in more than being whole. */
export function mergedType(known: KqlType | undefined, next: KqlType): KqlType {
  if (known === undefined || known === next) return next;
  const numbers = [known, next].every((type) => type === 'long' || type === 'real');
  return numbers ? 'real' : 'dynamic';
}

const MOST_COLUMNS = 1000;

/** Names that `gettype()` gives to what is inside a dynamic. */
const INSIDE: Readonly<Record<string, KqlType>> = {
  string: 'string',
  bool: 'bool',
  int: 'long',
  long: 'long',
  double: 'real',
};

/** Rows: a member's name and the name of its type, each pair once. */
const bagUnpack: ColumnMaker = ({ rows }, options) => {
  const { source, bag, prefix, replaces, ignored } = options as unknown as UnpackOptions & {
    readonly ignored: readonly string[];
  };
  const members = new Map<string, KqlType>();
  for (const [name, type] of rows) {
    if (typeof name !== 'string' || `${prefix}${name}` === '' || ignored.includes(name)) continue;
    members.set(name, mergedType(members.get(name), INSIDE[String(type)] ?? 'dynamic'));
  }
  if (members.size > MOST_COLUMNS)
    throw new ProgramFault(
      `\`bag_unpack\` would make ${members.size} columns; at most ${MOST_COLUMNS} are made`,
    );
  return unpackedColumns(members, { source, bag, prefix, replaces });
};

/** Rows: each value of the pivoted column, as text. */
const pivot: ColumnMaker = ({ rows }, options) => {
  const { groups, type } = options as unknown as { groups: readonly Column[]; type: KqlType };
  const made = rows.map(([name]) => (name === '' || name === null ? EMPTY_NAME : String(name))).sort();
  const taken = new Set(groups.map((column) => column.name));
  const twice = made.find((name, i) => taken.has(name) || made[i + 1] === name);
  if (twice !== undefined) throw new ProgramFault(`\`pivot\` would make a second column \`${twice}\``);
  if (made.length > MOST_COLUMNS)
    throw new ProgramFault(`\`pivot\` would make ${made.length} columns; at most ${MOST_COLUMNS} are made`);
  return [...groups, ...made.map((name) => ({ name, type }))];
};

/** A column cannot be nameless: rows whose pivoted value is empty are counted under this name. */
export const EMPTY_NAME = 'Column1';

/** By the name that a stage of kind `columns` gives. */
export const COLUMN_MAKERS: Readonly<Record<string, ColumnMaker>> = { bag_unpack: bagUnpack, pivot };
