import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../built.ts';

interface LockedPackage {
  readonly hasInstallScript?: boolean;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync(`${ROOT}package-lock.json`, 'utf8')) as {
  packages: Record<string, LockedPackage>;
};

describe('the lock file', () => {
  it('holds the packages of every platform', () => {
    // npm leaves out what does not fit the machine that writes the file, and `npm ci` then refuses it:
    // https://github.com/npm/cli/issues/4828
    const missing = Object.values(packages)
      .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
      .filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)));
    expect(missing).toEqual([]);
  });

  it('names no registry', () => {
    const named = Object.entries(packages).filter(([, { resolved }]) => /^https?:/.test(resolved ?? ''));
    expect(named.map(([path]) => path)).toEqual([]);
  });

  it('holds no package that does anything when it is installed', () => {
    const active = Object.entries(packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path)
      // Not there on this machine: a package of another platform.
      .filter((path) => existsSync(`${ROOT}${path}/package.json`))
      .flatMap((path) => {
        const { scripts = {} } = JSON.parse(readFileSync(`${ROOT}${path}/package.json`, 'utf8'));
        return [scripts.preinstall, scripts.install, scripts.postinstall].filter(
          // chdb's step is this empty program.
          (step) => step !== undefined && step !== 'node -e ""',
        );
      });
    expect(active).toEqual([]);
  });
});
