import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.ts';
import { compile } from '../../src/kql/index.ts';
import { runScopeProperty } from './property.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spoor-scope-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// The long form is part of `npm run soak`.
test.each([1, 2])(
  'random queries see what a copy of the user’s own rows holds, seed %i',
  async (seed) => {
    const { queries, narrowed, refused } = await runScopeProperty(folder, seed, 60);
    expect(queries).toBe(60);
    expect(refused).toEqual([]);
    expect(narrowed).toBeGreaterThan(queries / 3);
  },
  240_000,
);

test('every table with a device, and that of alerts, is filtered', () => {
  const catalog = loadCatalog();
  const tables = [...catalog.tables.values()];
  const options = {
    nowTicks: 0n,
    database: 'tenant',
    existing: new Set(catalog.tables.keys()),
  };
  const scope = { kind: 'devices', which: 'only', ids: ['the-only-device'] } as const;
  const filtered = tables.filter(({ name }) => {
    const compiled = compile(`${name} | count`, catalog, { ...options, scope });
    if (!compiled.ok) throw new Error(`${name} does not compile`);
    return compiled.statement.text.includes('the-only-device');
  });
  const expected = tables.filter(
    ({ name, columns }) => name === 'AlertInfo' || columns.some((column) => column.name === 'DeviceId'),
  );
  expect(filtered.map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
  expect(filtered.length).toBeGreaterThan(20);
});
