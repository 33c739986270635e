import { statfs } from 'node:fs/promises';
import { diskFull } from './spool.ts';

/**
 * What deliveries leave free on the disk of the data folder. The engine merges in the background and the journal is
 * written beside it: a merge that met the last byte of a disk was seen to leave a part with empty files behind.
 */
const RESERVED_BYTES = 32 * 1024 * 1024;

/** Fails with `DiskFull` where less is free than must stay free. */
export async function requireRoom(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes < RESERVED_BYTES) throw diskFull(`${freeBytes} bytes are free, ${RESERVED_BYTES} must stay`);
}
