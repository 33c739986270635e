import type { CatalogView } from '../../model/table-schema.ts';
import type { BindResult } from './bind.ts';

/** A hunter runs a query again and again, a rule every hour: what a text means depends on the catalogue alone. */
const MOST_TEXTS = 256;
const MOST_CHARS = 1_000_000;
/** A tree takes some hundred times its text. */
const LONGEST_CHARS = 64 * 1024;

interface Memory {
  /** In order of use, the oldest first. */
  readonly results: Map<string, BindResult>;
  chars: number;
}

const memories = new WeakMap<CatalogView, Memory>();

/** `make`'s result for this text and catalogue; made once while it is among the latest ones. */
export function remembered(text: string, catalog: CatalogView, make: () => BindResult): BindResult {
  if (text.length > LONGEST_CHARS) return make();
  const memory = memories.get(catalog) ?? { results: new Map(), chars: 0 };
  memories.set(catalog, memory);
  const { results } = memory;
  const known = results.get(text);
  const result = known ?? make();
  if (known === undefined) memory.chars += text.length;
  else results.delete(text);
  results.set(text, result);
  for (const oldest of results.keys()) {
    if (results.size <= MOST_TEXTS && memory.chars <= MOST_CHARS) break;
    results.delete(oldest);
    memory.chars -= oldest.length;
  }
  return result;
}
