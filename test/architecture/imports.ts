import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { DATA_FILES, DOORS, MAX_LINES, ROOMS, type Room } from './rooms.ts';

export interface SourceFile {
  /** Below `src/`, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** The TypeScript files of `src/`, tests left out: these may look into every room. */
export function readSources(folder: string): readonly SourceFile[] {
  return readFiles(folder, (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
}

/** Files below the folder whose names are wanted; what is installed there is left out. */
export function readFiles(folder: string, isWanted: (name: string) => boolean): readonly SourceFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && isWanted(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.split(sep).includes('node_modules'))
    .map((file) => ({
      path: relative(folder, file).split(sep).join('/'),
      text: readFileSync(file, 'utf8'),
    }));
}

/** Every breach of the house's rules, one sentence each. */
export function breaches(files: readonly SourceFile[]): readonly string[] {
  return [...files.flatMap(breachesOf), ...cycles(files)];
}

function breachesOf(file: SourceFile): readonly string[] {
  const room = roomOf(file.path);
  if (room === undefined) return [`${file.path} belongs to no room`];
  const found: string[] = [];
  for (const specifier of specifiers(file.text)) {
    if (specifier.startsWith('.')) {
      const target = resolve(file.path, specifier);
      if (!mayImport(room, target)) found.push(`${file.path} may not import ${target}`);
    } else {
      const doors = DOORS[packageName(specifier)];
      if (
        doors !== undefined &&
        !doors.some((door) => isIn(file.path, door)) &&
        room.mayImport !== 'everything'
      ) {
        found.push(`${file.path} may not import the package ${packageName(specifier)}`);
      }
    }
  }
  const lines = file.text.split('\n').length - 1;
  if (lines > MAX_LINES && !DATA_FILES.includes(file.path)) found.push(`${file.path} has ${lines} lines`);
  if (!isIn(file.path, 'kql/parse') && usesAny(file.text)) found.push(`${file.path} uses \`any\``);
  return found;
}

function roomOf(path: string): Room | undefined {
  return ROOMS.filter((room) => isIn(path, room.place)).sort((a, b) => b.place.length - a.place.length)[0];
}

function mayImport(room: Room, target: string): boolean {
  if (room.mayImport === 'everything' || roomOf(target)?.place === room.place) return true;
  // `kql/index.ts` and its neighbours tie the compiler's stages together.
  if (room.place === 'kql' && isIn(target, 'kql')) return true;
  // The pure files of the engine's room are its own too.
  if (room.place === 'clickhouse' && isIn(target, 'clickhouse')) return true;
  return room.mayImport.some((place) => isIn(target, place));
}

function isIn(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}

function resolve(from: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(from), specifier));
}

/** What a file imports or re-exports, types and dynamic imports included. */
export function specifiers(text: string): readonly string[] {
  const code = withoutComments(text);
  const found = code.matchAll(/(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+|\brequire\(\s*)(['"])([^'"\n]+)\1/g);
  return [...found].map((match) => match[2] ?? '');
}

function usesAny(text: string): boolean {
  const code = withoutComments(text).replace(
    /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g,
    "''",
  );
  return /[:<,|&(]\s*any\b(?!\s*[(:?=])|\bas any\b|\bany\[\]/.test(code);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Each group of files that import each other in a ring, named by one ring. Imports of types alone do not count. */
function cycles(files: readonly SourceFile[]): readonly string[] {
  const edges = new Map(files.map((file) => [file.path, runtimeImports(file)]));
  const state = new Map<string, 'open' | 'closed'>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'closed') return;
    if (state.get(path) === 'open') {
      found.push(`import cycle: ${[...trail.slice(trail.indexOf(path)), path].join(' -> ')}`);
      return;
    }
    state.set(path, 'open');
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path]);
    state.set(path, 'closed');
  };
  for (const path of edges.keys()) visit(path, []);
  return found;
}

function runtimeImports(file: SourceFile): readonly string[] {
  const code = withoutComments(file.text).replace(
    /\b(?:import|export)\s+type\s[^;]*?from\s*(['"])[^'"]+\1/g,
    '',
  );
  return specifiers(code)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => resolve(file.path, specifier));
}
