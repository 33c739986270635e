import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The engine process is JavaScript, and Node 20 runs no TypeScript: compiles its sources (about a second) into
 * `node_modules/.cache`, under a name made of their content, and returns the entry. Safe from several processes.
 */
export function buildEngineEntry(): string {
  const sources = ['src/clickhouse', 'src/clickhouse/embedded', 'src/clickhouse/wall', 'src/model'].flatMap(
    (folder) =>
      readdirSync(path.join(ROOT, folder))
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
        .map((name) => path.join(ROOT, folder, name)),
  );
  const hash = createHash('sha256');
  for (const file of [...sources, fileURLToPath(import.meta.url)])
    hash.update(file).update(readFileSync(file));
  const cache = path.join(ROOT, 'node_modules', '.cache', 'spoor-engine');
  const built = path.join(cache, hash.digest('hex').slice(0, 16));
  const entry = path.join(built, 'clickhouse', 'embedded', 'main.js');
  if (existsSync(entry)) return entry;
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(path.join(cache, 'building-'));
  writeFileSync(path.join(fresh, 'package.json'), '{"type":"module"}\n');
  const config = path.join(fresh, 'tsconfig.json');
  writeFileSync(
    config,
    JSON.stringify({
      extends: path.join(ROOT, 'tsconfig.build.json'),
      compilerOptions: {
        rootDir: path.join(ROOT, 'src'),
        outDir: fresh,
        sourceMap: false,
        typeRoots: [path.join(ROOT, 'node_modules/@types')],
      },
      include: [],
      // The engine, and what a server starts it with: a test kills one of its own.
      files: ['main.ts', 'supervisor.ts'].map((name) => path.join(ROOT, 'src/clickhouse/embedded', name)),
    }),
  );
  const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', config], { stdio: ['ignore', 'inherit', 'inherit'] });
  try {
    renameSync(fresh, built);
  } catch (error) {
    // Another process was faster; its result is the same.
    if (!existsSync(entry)) throw error;
    rmSync(fresh, { recursive: true, force: true });
  }
  return entry;
}
