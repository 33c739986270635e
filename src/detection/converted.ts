import type { Rule } from './rule.ts';

/** One rule of a file, as a rule of ours or with the reason why not. */
export type Conversion =
  | { readonly ok: true; readonly title: string; readonly query: string; readonly rule: Rule }
  | {
      readonly ok: false;
      readonly title: string;
      /** What cannot be converted: a modifier, a field, `logsource`, `condition` ... */
      readonly construct: string;
      readonly reason: string;
    };

/** A rule's name of its title: lower-case letters, digits and hyphens. */
export function nameOfTitle(title: string, fallback: string): string {
  const name = title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 100)
    .replaceAll(/^-+|-+$/g, '');
  return name === '' ? fallback : name;
}

/** Without the braces that would be read as a column's name. */
export function plainTemplate(text: string, most: number): string {
  return text.replaceAll(/\{\{|\}\}/g, '').slice(0, most);
}
