import { describe, expect, it } from 'vitest';
import { SUPPORTED } from '../../src/kql/language-page.ts';
import { languageNames } from '../../src/kql/parse/names.ts';
import { reasonAgainst, UNSUPPORTED } from '../../src/kql/unsupported.ts';

const names = languageNames();
const kinds = [
  ['functions', names.functions, SUPPORTED.functions],
  ['aggregates', names.aggregates, SUPPORTED.aggregates],
  ['plug-ins', names.plugins, SUPPORTED.plugins],
] as const;

describe('the ledger of the language', () => {
  it('knows the whole language', () => {
    expect([names.functions.length, names.aggregates.length, names.plugins.length]).toEqual([429, 61, 47]);
  });

  for (const [kind, all, supported] of kinds) {
    it(`has every one of the ${kind} supported or refused with a reason`, () => {
      const has = (name: string): boolean => supported.has(name);
      expect(all.filter((name) => !has(name) && reasonAgainst(name) === undefined)).toEqual([]);
      // `any` and `map` are names of aggregations and of graph functions alike.
      expect(
        all.filter((name) => has(name) && reasonAgainst(name) !== undefined && !['any'].includes(name)),
      ).toEqual([]);
      const count = all.filter(has).length;
      console.info(`ledger: ${count} of ${all.length} ${kind}`);
    });
  }

  it('refuses no name that the language does not have', () => {
    const known = new Set<string>([...names.functions, ...names.aggregates, ...names.plugins]);
    expect(UNSUPPORTED.flatMap((group) => group.names).filter((name) => !known.has(name))).toEqual([]);
  });
});
