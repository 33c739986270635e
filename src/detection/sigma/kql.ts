import { SigmaFault } from './rule.ts';

/**
 * A boolean KQL expression in the making, or why there is none. `true` and `false` are folded away, so that a part that
 * cannot be written does no harm where it would not matter.
 */
export type Part = string | SigmaFault;

export const TRUE = 'true';
export const FALSE = 'false';

/** A string literal; verbatim where that reads better. */
export function quote(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what cannot stand in a verbatim literal
  if (/[\x00-\x1f]/.test(value)) return JSON.stringify(value);
  if (!/[\\"]/.test(value)) return `"${value}"`;
  return `@"${value.replaceAll('"', '""')}"`;
}

export function allOf(parts: readonly Part[]): Part {
  const left = distinct(parts).filter((part) => part !== TRUE);
  if (left.includes(FALSE)) return FALSE;
  const fault = left.find(isFault);
  if (fault !== undefined) return fault;
  if (left.length === 0) return TRUE;
  return left.length === 1 ? (left[0] as string) : `(${left.join(' and ')})`;
}

export function anyOf(parts: readonly Part[]): Part {
  const left = distinct(parts).filter((part) => part !== FALSE);
  if (left.includes(TRUE)) return TRUE;
  const fault = left.find(isFault);
  if (fault !== undefined) return fault;
  if (left.length === 0) return FALSE;
  return alternatives(left as readonly string[]);
}

/** A long chain of `or` is as deep as it is long, and KQL has a deepest depth: groups of groups are not. */
const LONGEST_CHAIN = 32;

function alternatives(parts: readonly string[]): string {
  if (parts.length === 1) return parts[0] as string;
  if (parts.length <= LONGEST_CHAIN) return `(${parts.join(' or ')})`;
  const groups: string[] = [];
  for (let at = 0; at < parts.length; at += LONGEST_CHAIN) {
    groups.push(alternatives(parts.slice(at, at + LONGEST_CHAIN)));
  }
  return alternatives(groups);
}

export function notOf(part: Part): Part {
  if (isFault(part)) return part;
  if (part === TRUE) return FALSE;
  return part === FALSE ? TRUE : `not(${part})`;
}

export function isFault(part: Part): part is SigmaFault {
  return part instanceof SigmaFault;
}

function distinct(parts: readonly Part[]): readonly Part[] {
  return [...new Set(parts)];
}
