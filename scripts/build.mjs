// Fills dist/ from src/, and web/dist/ from web/. A new folder takes the old one's place at the end, so that whoever
// runs from dist/ never sees half of it.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bin, installWhatIsMissing, root, run } from './install.mjs';

/** Throws when the sources do not compile. */
export function build() {
  installWhatIsMissing();
  const work = mkdtempSync(join(root, 'dist-'));
  try {
    const made = join(work, 'new');
    run(process.execPath, [bin('typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--outDir', made]);
    chmodSync(join(made, 'cli', 'spoor.js'), 0o755);
    const dist = join(root, 'dist');
    if (existsSync(dist)) renameSync(dist, join(work, 'old'));
    renameSync(made, dist);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  linkCommand();
  run(process.execPath, ['web/build.mjs']);
}

/** `npx spoor` looks here; npm links the commands of packages it installs, but not those of the project itself. */
function linkCommand() {
  const folder = join(root, 'node_modules', '.bin');
  mkdirSync(folder, { recursive: true });
  const link = join(folder, 'spoor');
  rmSync(link, { force: true });
  symlinkSync(join('..', '..', 'dist', 'cli', 'spoor.js'), link);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    build();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
