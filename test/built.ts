import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The project's folder, with a slash; also where this file runs compiled, which is deeper inside it. */
export const ROOT = projectFolder(new URL('..', import.meta.url));
export const CLI = `${ROOT}dist/cli/spoor.js`;

/**
 * For tests of what runs in a thread or a process of its own, which is the built code. Throws when `dist/` is missing
 * or older than the sources: a test must not pass on yesterday's code. `npm test` builds first.
 */
export function requireBuilt(): void {
  const built = existsSync(CLI) ? statSync(CLI).mtimeMs : 0;
  const newest = readdirSync(`${ROOT}src`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .reduce((latest, entry) => Math.max(latest, statSync(`${entry.parentPath}/${entry.name}`).mtimeMs), 0);
  if (built < newest) throw new Error('dist/ is older than src/: run `npm run build` first');
}

/** A compiled copy of the tests has the project's package.json beside it, but no lock file. */
function projectFolder(from: URL): string {
  return existsSync(new URL('package-lock.json', from))
    ? fileURLToPath(from)
    : projectFolder(new URL('..', from));
}
