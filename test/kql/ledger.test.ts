import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ledger, SUPPORTED } from '../../src/kql/language-page.ts';
import { languageNames } from '../../src/kql/parse/names.ts';
import { reasonAgainst, UNDOCUMENTED, UNSUPPORTED } from '../../src/kql/unsupported.ts';
import { referenceFolder } from '../conformance/reference-folder.ts';

const KINDS = ['functions', 'aggregates', 'plugins', 'operators'] as const;
const names = languageNames();

describe('the ledger of the language', () => {
  it('knows the whole language', () => {
    expect(KINDS.map((kind) => names[kind].length)).toEqual([429, 61, 47, 54]);
  });

  for (const kind of KINDS) {
    it(`has every one of the ${kind} supported or refused with a reason`, () => {
      const has = (name: string): boolean => SUPPORTED[kind].has(name);
      const all = new Set([...names[kind], ...ledger(kind)]);
      expect([...all].filter((name) => !has(name) && reasonAgainst(name) === undefined)).toEqual([]);
      expect([...all].filter((name) => has(name) && reasonAgainst(name) !== undefined)).toEqual([]);
    });
  }

  it('refuses no more than a twentieth of it', () => {
    const all = KINDS.flatMap((kind) => ledger(kind).map((name) => ({ kind, name })));
    const refused = all.filter(({ kind, name }) => !SUPPORTED[kind].has(name));
    console.info(`ledger: ${all.length - refused.length} of ${all.length} names`);
    expect(refused.length / all.length).toBeLessThanOrEqual(0.05);
    expect(refused.map(({ name }) => name).sort()).toEqual(
      UNSUPPORTED.flatMap((group) => group.names).sort(),
    );
  });

  const folder = referenceFolder();
  it.skipIf(folder === undefined)('has every function, aggregation and plug-in of the reference', () => {
    const entries: { kind: string; name: string }[] = JSON.parse(
      readFileSync(join(folder ?? '', 'kql', 'inventory.json'), 'utf8'),
    );
    const here = new Set(KINDS.flatMap((kind) => [...ledger(kind), ...SUPPORTED[kind]]));
    const missing = entries.filter(
      ({ kind, name }) =>
        /function|aggregation|plugin/.test(kind) && !here.has(name) && reasonAgainst(name) === undefined,
    );
    // An expression of its own form, which the lowering knows.
    expect(missing.map(({ name }) => name)).toEqual(['toscalar']);
  });

  it('leaves out only names that the binder knows', () => {
    const known = new Set(KINDS.flatMap((kind) => names[kind]));
    expect(UNDOCUMENTED.names.filter((name) => !known.has(name))).toEqual([]);
  });
});
