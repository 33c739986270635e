import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DirectoryParts } from '../../src/identity/directory/parts.ts';
import { openStore } from '../../src/store/store.ts';

export interface TestDirectory extends DirectoryParts {
  readonly clock: { nowMs(): number; advance(ms: number): void };
  remove(): Promise<void>;
}

/** An empty directory over a real store in a temporary folder, with a clock that the test moves. */
export async function openDirectory(): Promise<TestDirectory> {
  const folder = mkdtempSync(join(tmpdir(), 'spoor-directory-'));
  const store = await openStore(folder);
  let nowMs = Date.now();
  return {
    store,
    clock: {
      nowMs: () => nowMs,
      advance(ms) {
        nowMs += ms;
      },
    },
    async remove() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The code of what an operation is refused with; undefined when it is not. */
export async function refusal(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
}
