const TOKENS = /\s+|[A-Za-z_]\w*|\d+\w*|"[^"\n]*"|'[^'\n]*'|\/\/[^\n]*|[=!<>]=|=~|!~|\.\.|[\s\S]/g;
const OPERATORS = [
  '==',
  '!=',
  'has',
  '!has',
  'contains',
  'startswith',
  'in~',
  '=~',
  '<',
  '>=',
  'matches regex',
];
const VALUES = [
  '0',
  '-1',
  '9223372036854775807',
  '1d',
  '""',
  'datetime(null)',
  'dynamic([1,"a"])',
  '1.5',
  'true',
];

/** A query with one thing changed; `pick` gives a whole number below its argument. */
export function mutant(query: string, pick: (limit: number) => number): string {
  const one = <T>(values: readonly T[]): T => values[pick(values.length)] as T;
  const changed = (text: string, what: RegExp, other: () => string): string => {
    const places = [...text.matchAll(what)].map((match) => ({ at: match.index, length: match[0].length }));
    if (places.length === 0) return text;
    const { at, length } = one(places);
    return text.slice(0, at) + other() + text.slice(at + length);
  };
  const names = query.match(/[A-Za-z_]\w*/g) ?? ['x'];
  const steps = query.split(/\n(?=\s*\|)/);
  switch (pick(7)) {
    case 0:
      return changed(query, TOKENS, () => '');
    case 1:
      return changed(query, /[A-Za-z_]\w*/g, () => one(names));
    case 2:
      return changed(query, /==|!=|=~|\bhas\b|\bcontains\b|\bstartswith\b|<=|>=/g, () => one(OPERATORS));
    case 3:
      return changed(query, /\b\d+[a-z]?\b|"[^"\n]*"/g, () => one(VALUES));
    case 4:
      return steps.filter((_, i) => i === 0 || pick(steps.length) > 0).join('\n');
    case 5:
      return [...steps, one(steps.slice(1).length > 0 ? steps.slice(1) : ['| take 1'])].join('\n');
    default:
      return changed(query, TOKENS, () => one(query.match(TOKENS) ?? ['']));
  }
}
