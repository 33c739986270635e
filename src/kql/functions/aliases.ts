import type { FunctionFamily, ScalarFunction } from './registry.ts';

/** Old spellings that queries still use, and the entry that each means. */
const SPELLINGS: Readonly<Record<string, string>> = {
  array_strcat: 'strcat_array',
  arraylength: 'array_length',
  datepart: 'datetime_part',
  extractall: 'extract_all',
  parseurl: 'parse_url',
  parseurlquery: 'parse_urlquery',
  totime: 'totimespan',
};

/** The families together with the old spellings of their members. */
export function withAliases(family: FunctionFamily): FunctionFamily {
  const aliases = Object.entries(SPELLINGS).map(([alias, name]): [string, ScalarFunction] => {
    const entry = family[name];
    if (!entry) throw new Error(`the old spelling \`${alias}\` means \`${name}\`, which has no entry`);
    return [alias, entry];
  });
  return { ...family, ...Object.fromEntries(aliases) };
}
