import type { KqlType } from '../../../model/kql-type.ts';
import { literalPattern, parseRegex } from '../../functions/regex-syntax.ts';
import type { Node } from '../../parse/node.ts';

export type ParseKind = 'simple' | 'relaxed' | 'regex';

export interface ParsePattern {
  /** RE2, to be read with `.` matching line ends; its first group is empty. */
  readonly re2: string;
  /** The columns with their group, counted from the one after the first. */
  readonly columns: readonly { readonly name: string; readonly group: number }[];
}

/**
 * The pattern behind `with` as one regular expression, bound to the start of the text. A text column that nothing
 * follows takes the rest.
 * Source: https://learn.microsoft.com/kusto/query/parse-operator
 */
export function parsePattern(
  parts: readonly Node[],
  types: ReadonlyMap<string, KqlType>,
  kind: ParseKind,
  flags: string,
): ParsePattern {
  const any = kind !== 'regex' || flags.includes('s') ? '.' : '[^\\n]';
  const engineFlags = flags.replaceAll(/[^imU]/g, '');
  const columns: { name: string; group: number }[] = [];
  let groups = 0;
  let re2 = `${engineFlags === '' ? '' : `(?${engineFlags})`}\\A()`;
  parts.forEach((part, i) => {
    if (part.form === 'StarExpression') {
      re2 += `${any}*?`;
    } else if (part.form === 'NameDeclaration' || part.form === 'NameAndTypeDeclaration') {
      const name = part.form === 'NameDeclaration' ? part.simpleName : part.need('Name').simpleName;
      columns.push({ name, group: groups++ });
      re2 += `(${valuePattern(types.get(name) ?? 'string', kind, any, parts[i + 1])})`;
    } else if (kind === 'regex') {
      const delimiter = parseRegex(`${flags === '' ? '' : `(?${flags})`}${part.literalValue}`);
      groups += delimiter.groups;
      re2 += `(?:${delimiter.re2})`;
    } else {
      re2 += literalPattern(String(part.literalValue));
    }
  });
  return { re2, columns };
}

const NUMBERS: Readonly<Partial<Record<KqlType, string>>> = {
  int: '-?[0-9]+',
  long: '-?[0-9]+',
  real: '[-+]?[0-9]*\\.?[0-9]+(?:[eE][-+]?[0-9]+)?',
  decimal: '[-+]?[0-9]*\\.?[0-9]+(?:[eE][-+]?[0-9]+)?',
};

/** What a column may hold. Before a `*` only the type itself says where a value ends. */
function valuePattern(type: KqlType, kind: ParseKind, any: string, next: Node | undefined): string {
  const number = NUMBERS[type];
  if (kind === 'regex') return number ?? `${any}*`;
  if (next === undefined) return `${any}*`;
  if (next.form !== 'StarExpression') return `${any}*?`;
  if (number !== undefined) return kind === 'relaxed' ? `(?:${number})?` : number;
  return '[-+0-9A-Za-z/:. ]*';
}
