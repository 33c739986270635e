import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from './failure.ts';

export interface InputFile {
  readonly path: string;
  readonly bytes: number;
}

/** The files named, and all files inside the folders named, in name order; hidden files and `__MACOSX` are left out. */
export function listInputFiles(paths: readonly string[]): InputFile[] {
  return paths.flatMap((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) throw new CliError('NoSuchFile', `there is no file or folder ${path}`);
    return stat.isDirectory() ? listFolder(path) : [{ path, bytes: stat.size }];
  });
}

function listFolder(folder: string): InputFile[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== '__MACOSX')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return listFolder(path);
      return entry.isFile() ? [{ path, bytes: statSync(path).size }] : [];
    });
}
