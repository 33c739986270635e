import { describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../src/kql/functions/index.ts';
import { useRows } from './rows.ts';

/** Every example of the registry runs, and prints what the registry says. */
describe('examples of the scalar functions', () => {
  const rows = useRows();
  for (const [name, entry] of Object.entries(FUNCTIONS)) {
    for (const [query, result] of entry.examples ?? []) {
      test(`${name}: ${query}`, async () => {
        expect(await rows(`print v = tostring(${query})`)).toEqual([`[${JSON.stringify(result)}]`]);
      });
    }
  }
});
