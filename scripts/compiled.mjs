// Runs a TypeScript program that is not part of the package (benchmarks, soak tests): compiles it together with src/ to
// bench/out/js, then starts it with the arguments given.
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { bin, root, run, runForStatus } from './install.mjs';

export function runCompiled(entry, args = process.argv.slice(2)) {
  if (!existsSync(join(root, entry))) throw new Error(`${entry} is missing`);
  build();
  const out = join(root, 'bench', 'out', 'js');
  run(process.execPath, [
    bin('typescript/bin/tsc'),
    '-p',
    'tsconfig.json',
    '--noEmit',
    'false',
    '--rootDir',
    '.',
    '--outDir',
    out,
  ]);
  // The server reads its version there.
  copyFileSync(join(root, 'package.json'), join(out, 'package.json'));
  const program = join(out, entry.replace(/\.ts$/, '.js'));
  process.exitCode = runForStatus(process.execPath, [program, ...args], 'inherit');
}
