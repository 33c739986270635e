// Installs the packages of the lock file when they are missing or out of date. Node built-ins only: this runs first.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program in the project's folder, its output on standard error; throws if it fails. */
export function run(program, args) {
  const status = runForStatus(program, args);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed`);
}

/** The same, giving the exit code; `output` is where its standard output goes. */
export function runForStatus(program, args, output = 2) {
  const result = spawnSync(program, args, { cwd: root, stdio: ['inherit', output, 2] });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

/** The entry script of a package's command, to be run with this very Node. */
export function bin(path) {
  return fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url));
}

export function installWhatIsMissing() {
  if (isInstalled()) return;
  console.error('Installing packages ...');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** npm writes what it installed beside the packages; a package of the lock file that is not in it is missing. */
function isInstalled() {
  let held;
  try {
    held = JSON.parse(readFileSync(bin('.package-lock.json'), 'utf8')).packages;
  } catch {
    return false;
  }
  const wanted = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || entry.link || held[path]?.version === entry.version,
  );
}
