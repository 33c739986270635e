import type { SourceFile } from './imports.ts';

const EXPORTED = /^export (?:async )?(?:function\*?|const|class) (\w+)/gm;
const COMMENTS = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/** Exported functions, constants and classes of `sources` that no other file names, tests and scripts included. */
export function unreadExports(
  sources: readonly SourceFile[],
  readers: readonly SourceFile[],
): readonly string[] {
  const files = new Map<string, number>();
  for (const { text } of [...sources, ...readers]) {
    for (const name of new Set(text.replace(COMMENTS, '').match(/\w+/g)))
      files.set(name, (files.get(name) ?? 0) + 1);
  }
  return sources.flatMap(({ path, text }) =>
    [...text.matchAll(EXPORTED)]
      .filter(([, name = '']) => (files.get(name) ?? 0) < 2)
      .map(([, name]) => `${path} exports \`${name}\`, which nobody reads`),
  );
}
