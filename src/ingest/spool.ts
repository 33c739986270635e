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

const LOOK_EVERY_BYTES = 4 * 1024 * 1024;

/** Reads a body to its end; `room` is asked now and again. Fails as the body or `room` fails, or with `DiskFull`. */
export async function spoolBody(
  folder: string,
  body: Readable,
  signal: AbortSignal,
  room: () => Promise<void>,
): Promise<SpoolFile> {
  await room();
  const path = join(folder, randomUUID());
  const dispose = () => rm(path, { force: true });
  const handle = await open(path, 'wx', 0o600).catch(diskFailure);
  let sinceLooked = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (signal.aborted) throw cancelled();
      sinceLooked += chunk.length;
      if (sinceLooked >= LOOK_EVERY_BYTES) {
        await room();
        sinceLooked = 0;
      }
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
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL') throw diskFull(code, error);
  throw error;
}

export function diskFull(detail: string, cause?: unknown): RequestError {
  return new RequestError('DiskFull', 503, 'the disk is full: events were not accepted', {
    retryAfterSeconds: 60,
    detail,
    ...(cause === undefined ? {} : { cause }),
  });
}
