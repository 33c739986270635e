import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unreadExports } from './exports.ts';
import { breaches, readFiles, readSources, specifiers } from './imports.ts';

const file = (path: string, text: string) => ({ path, text });

describe('the house', () => {
  it('keeps its walls', () => {
    const sources = readSources(join(import.meta.dirname, '..', '..', 'src'));
    expect(sources.length).toBeGreaterThan(5);
    expect(breaches(sources)).toEqual([]);
  });

  it('exports what somebody reads', () => {
    const root = join(import.meta.dirname, '..', '..');
    const readers = [
      ...readFiles(join(root, 'src'), (name) => name.endsWith('.test.ts')),
      ...['test', 'bench', 'scripts'].flatMap((folder) =>
        readFiles(join(root, folder), (name) => /\.(ts|mjs)$/.test(name)),
      ),
    ];
    expect(unreadExports(readSources(join(root, 'src')), readers)).toEqual([]);
  });
});

describe('the check itself', () => {
  it('sees an import through a wall', () => {
    expect(breaches([file('http/app.ts', "import { sql } from '../clickhouse/sql.ts';")])).toHaveLength(1);
    expect(breaches([file('kql/passes/a.ts', "import type { B } from '../lower/b.ts';")])).toHaveLength(1);
    expect(breaches([file('hunting/run.ts', "const x = await import('../http/app.ts');")])).toHaveLength(1);
    expect(breaches([file('model/a.ts', "export * from '../store/b.ts';")])).toHaveLength(1);
    expect(breaches([file('kql/lower/a.ts', "import { b } from '../parse/b.ts';")])).toEqual([]);
  });

  it('sees a package outside its door', () => {
    expect(breaches([file('hunting/a.ts', "import { Session } from 'chdb';")])).toHaveLength(1);
    expect(
      breaches([file('kql/lower/a.ts', "import '@kusto/language-service-next/bridge.min.js';")]),
    ).toHaveLength(1);
  });

  it('sees files without a room, `any`, long files and cycles', () => {
    expect(breaches([file('odd/a.ts', '')])).toHaveLength(1);
    expect(breaches([file('model/a.ts', 'export function f(x: any) {}')])).toHaveLength(1);
    expect(breaches([file('model/a.ts', "// takes any\nconst a = 'any'; export const any = 1;")])).toEqual(
      [],
    );
    expect(breaches([file('kql/parse/a.ts', 'export function f(x: any) {}')])).toEqual([]);
    expect(breaches([file('model/a.ts', '\n'.repeat(501))])).toHaveLength(1);
    const ring = [
      file('model/a.ts', "import { b } from './b.ts';"),
      file('model/b.ts', "import { a } from './a.ts';"),
    ];
    expect(breaches(ring)).toHaveLength(1);
    const types = [ring[0], file('model/b.ts', "import type { A } from './a.ts';")].filter(
      (item) => item !== undefined,
    );
    expect(breaches(types)).toEqual([]);
  });

  it('sees an export that nobody reads', () => {
    const kept = file(
      'model/a.ts',
      'export function kept() {}\nexport const dead = 1;\nexport interface Left {}',
    );
    const reader = file('a.test.ts', '// dead\nkept();');
    expect(unreadExports([kept], [reader])).toEqual(['model/a.ts exports `dead`, which nobody reads']);
  });

  it('reads every form of import', () => {
    const text =
      "import a from 'a';\nimport {\n b,\n} from './b.ts';\nexport { c } from 'c';\nimport 'd';\nimport('e');";
    expect(specifiers(text)).toEqual(['a', './b.ts', 'c', 'd', 'e']);
  });
});
