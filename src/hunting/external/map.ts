import { readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, resolve, sep } from 'node:path';

/** Local files that stand for URLs. */
export interface UrlMap {
  /** The file for a URL; undefined where the map has none. */
  find(url: string): string | undefined;
}

/**
 * A JSON file of URLs, or of what URLs begin with, and the file or folder that stands for each; paths are relative to it.
 * The longest that fits is taken. Of a folder, the rest of the URL's path names the file.
 * Throws where the file cannot be read or is no such object.
 */
export function readUrlMap(file: string): UrlMap {
  const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof read !== 'object' || read === null || Array.isArray(read))
    throw new Error('the map is not an object of URLs and paths');
  const entries = Object.entries(read).map(([url, path]): readonly [string, string] => {
    if (typeof path !== 'string') throw new Error(`the map has no path for ${url}`);
    return [url, resolve(dirname(file), path)];
  });
  entries.sort(([a], [b]) => b.length - a.length);
  return {
    find(url) {
      for (const [prefix, path] of entries) {
        if (!url.startsWith(prefix)) continue;
        const found = fileAt(path, url.slice(prefix.length));
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

function fileAt(path: string, rest: string): string | undefined {
  const kind = statSync(path, { throwIfNoEntry: false });
  if (kind?.isFile()) return rest === '' || /^[?;#]/.test(rest) ? path : undefined;
  if (!kind?.isDirectory()) return undefined;
  const inside = normalize(join(path, decoded(rest.replace(/[?;#].*$/s, ''))));
  if (!inside.startsWith(path + sep) || inside.includes('\0')) return undefined;
  return statSync(inside, { throwIfNoEntry: false })?.isFile() ? inside : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
