/** What a tenant's tables are called as a database. */
export const DATABASE = 'hunting';

/** Clients that were given no database send none, or this name. */
const DEFAULT_NAMES: ReadonlySet<string> = new Set(['', 'netdefaultdb', DATABASE]);

export function isHuntingDatabase(name: string): boolean {
  return DEFAULT_NAMES.has(name.trim().toLowerCase());
}
