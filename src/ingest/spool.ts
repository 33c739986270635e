import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { RequestError } from '../model/request-error.ts';

/** What was sent, as it was sent, in a private file of ours. Its name tells nothing of the name that was given. */
export interface SpoolFile {
  readonly path: string;
  dispose(): Promise<void>;
}

/** Reads a body to its end. Fails as the body fails, or with `DiskFull`. */
export async function spoolBody(folder: string, body: Readable, signal: AbortSignal): Promise<SpoolFile> {
  const path = join(folder, randomUUID());
  const dispose = () => rm(path, { force: true });
  const handle = await open(path, 'wx', 0o600).catch(diskFailure);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (signal.aborted) throw cancelled();
      await handle.write(chunk).catch(diskFailure);
    }
  } catch (error) {
    await handle.close();
    await dispose();
    throw error;
  }
  await handle.close();
  return { path, dispose };
}

/** Makes the folder, and removes what a killed server left in it. */
export function prepareSpool(dataDir: string): string {
  const folder = join(dataDir, 'ingest-spool');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true });
  return folder;
}

export function cancelled(): RequestError {
  return new RequestError('RequestCancelled', 499, 'the request was cancelled before its events were stored');
}

/** A full disk is the request's failure, which a repeat can mend; anything else is passed on. */
export function diskFailure(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL') {
    throw new RequestError('DiskFull', 503, 'the disk is full: events were not accepted', {
      retryAfterSeconds: 60,
      cause: error,
    });
  }
  throw error;
}
