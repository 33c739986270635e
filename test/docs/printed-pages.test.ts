import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { settingsPage } from '../../src/config/page.ts';
import { audiencesPage } from '../../src/identity/audiences-page.ts';
import { windowsMappingPage } from '../../src/ingest/mappings/page.ts';
import { languagePage } from '../../src/kql/language-page.ts';

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
