import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { settingsPage } from '../../src/config/page.ts';
import { audiencesPage } from '../../src/identity/audiences-page.ts';
import { windowsMappingPage } from '../../src/ingest/mappings/page.ts';
import { languagePage } from '../../src/kql/language-page.ts';
import { readKnownFailures } from '../conformance/known-failures.ts';

/** Pages of docs/ that are printed from data. `SPOOR_REFRESH=1` writes them anew. */
const PAGES: Readonly<Record<string, () => string>> = {
  'audiences.md': audiencesPage,
  'language.md': languagePage,
  'settings.md': settingsPage,
  'windows-mapping.md': windowsMappingPage,
};

test.each(Object.entries(PAGES))('docs/%s says what the data say', (name, print) => {
  const path = fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
  if (process.env['SPOOR_REFRESH'] === '1') writeFileSync(path, print());
  expect(readFileSync(path, 'utf8')).toBe(print());
});

/** Figures of the README that follow from lists of this repository, by the command or page of their row. */
const FIGURES: Readonly<Record<string, (total: number) => readonly [part: number, total: number]>> = {
  'conformance.mjs peer': (total) => [total - failures('peer'), total],
  'conformance.mjs docs': (total) => [total - failures('docs'), total],
  'conformance.mjs hunting': (total) => [total - failures('hunting'), total],
  'docs/language.md': () => {
    const [, part, total] = /^\| together \| (\d+) \| (\d+) \|$/m.exec(languagePage()) ?? [];
    return [Number(part), Number(total)];
  },
};

test('README.md says what the lists say', () => {
  const path = fileURLToPath(new URL('../../README.md', import.meta.url));
  const text = readFileSync(path, 'utf8');
  let counted = 0;
  const rows = text.split('\n').map((row) => {
    const figure = Object.entries(FIGURES).find(
      ([source]) => row.startsWith('|') && row.includes(source),
    )?.[1];
    return figure === undefined
      ? row
      : row.replace(/([\d,]+) of ([\d,]+)/, (was, _part, total: string) => {
          counted += 1;
          const [part, all] = figure(Number(total.replaceAll(',', '')));
          return `${part.toLocaleString('en')} of ${all.toLocaleString('en')}`.padEnd(was.length);
        });
  });
  expect(counted).toBe(Object.keys(FIGURES).length);
  if (process.env['SPOOR_REFRESH'] === '1') writeFileSync(path, rows.join('\n'));
  expect(readFileSync(path, 'utf8')).toBe(rows.join('\n'));
});

test('README.md counts the rules that are there', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const rules = readdirSync(`${root}rules`, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(readFileSync(`${root}README.md`, 'utf8')).toMatch(
    new RegExp(`^\\| built-in rules .*of ${rules.length} .*docs/built-in-rules.md`, 'm'),
  );
});

function failures(suite: 'peer' | 'docs' | 'hunting'): number {
  return Object.keys(readKnownFailures(suite)).length;
}
