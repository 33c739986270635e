import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FetchLimits, type FetchRules, fetchToFile, type Validators } from './fetch.ts';

/** Files that were fetched, each under its URL. */
export interface FileCache {
  /** The file of a URL, fetched if it is not fresh. Rejects with `FetchRefused`. */
  file(url: string, limits: Pick<FetchLimits, 'timeoutMs' | 'signal'>): Promise<string>;
}

interface Entry extends Validators {
  readonly url: string;
  readonly freshUntilMs: number;
}

const MAX_FILE_BYTES = 100 * 1024 * 1024;
const MAX_CACHE_BYTES = 2 * 1024 * 1024 * 1024;
/** Where the server says nothing; what it says is kept within a minute and a day. */
const DEFAULT_AGE_MS = 10 * 60_000;
const SHORTEST_AGE_MS = 60_000;
const LONGEST_AGE_MS = 24 * 3_600_000;

export function createFileCache(folder: string, rules: FetchRules, nowMs: () => number): FileCache {
  const underWay = new Map<string, Promise<string>>();

  async function load(url: string, limits: Pick<FetchLimits, 'timeoutMs' | 'signal'>): Promise<string> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, createHash('sha256').update(url).digest('hex'));
    const known = await readEntry(`${path}.json`, url, path);
    if (known && nowMs() < known.freshUntilMs) return path;
    const fetched = await fetchToFile(url, path, known, rules, { ...limits, maxBytes: MAX_FILE_BYTES });
    const ageMs = Math.min(Math.max(fetched.maxAgeMs ?? DEFAULT_AGE_MS, SHORTEST_AGE_MS), LONGEST_AGE_MS);
    const { etag, lastModified } = fetched.kind === 'new' ? fetched.validators : (known ?? NONE);
    const entry: Entry = { url, etag, lastModified, freshUntilMs: nowMs() + ageMs };
    await writeFile(`${path}.json.part`, JSON.stringify(entry), { mode: 0o600 });
    await rename(`${path}.json.part`, `${path}.json`);
    if (fetched.kind === 'new') await removeOldest(folder, path);
    return path;
  }

  return {
    async file(url, limits) {
      // Several hunts may wait for one file: none of them ends it for the others.
      const shared = { timeoutMs: limits.timeoutMs, signal: undefined };
      const waiting = underWay.get(url) ?? load(url, shared).finally(() => underWay.delete(url));
      underWay.set(url, waiting);
      return await waiting;
    },
  };
}

const NONE: Validators = { etag: undefined, lastModified: undefined };

async function readEntry(file: string, url: string, data: string): Promise<Entry | undefined> {
  try {
    const entry = JSON.parse(await readFile(file, 'utf8')) as Entry;
    await stat(data);
    return entry.url === url ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the folder under its size; what was just fetched stays. */
async function removeOldest(folder: string, keep: string): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder))
      .filter((name) => /^[0-9a-f]{64}$/.test(name))
      .map(async (name) => {
        const path = join(folder, name);
        const { size, mtimeMs } = await stat(path);
        return { path, size, mtimeMs };
      }),
  );
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
    if (total <= MAX_CACHE_BYTES) return;
    if (path === keep) continue;
    await rm(path, { force: true });
    await rm(`${path}.json`, { force: true });
    total -= size;
  }
}
