import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * The folder with reference cases of the language, which is not part of this repository: `SPOOR_SHARED`, or a sibling
 * of the checkout. Undefined where there is none; under `CI=true` that is a failure.
 */
export function referenceFolder(): string | undefined {
  const folder = process.env['SPOOR_SHARED'] ?? join(ROOT, '..', 'shared');
  if (existsSync(join(folder, 'kql', 'cases.jsonl'))) return folder;
  if (process.env['CI'] === 'true') {
    throw new Error(
      'the reference cases are missing: set SPOOR_SHARED to the folder that holds `kql/cases.jsonl`',
    );
  }
  return undefined;
}
