import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { IngestCounts } from '../model/ingest-counts.ts';
import type { Connection } from './connection.ts';
import { CliError } from './failure.ts';
import type { InputFile } from './input-files.ts';

/** What the server has read of a delivery so far; bytes of the unpacked content. */
export interface DeliveryProgress {
  readonly bytes: number;
  readonly events: number;
}

export interface DeliveryOptions {
  readonly format: string;
  readonly table?: string;
  readonly rebase?: string;
}

const POLL_MS = 300;

/** Sends one file; resolves with the server's counts when all of it is durable. `watch` is called while it lasts. */
export async function deliverFile(
  connection: Connection,
  file: InputFile,
  options: DeliveryOptions,
  watch: ((progress: DeliveryProgress) => void) | undefined,
): Promise<IngestCounts> {
  const id = randomUUID();
  const parameters = new URLSearchParams({
    name: basename(file.path),
    ...(options.table === undefined ? {} : { table: options.table }),
    ...(options.rebase === undefined ? {} : { rebase: options.rebase }),
    ...(watch === undefined ? {} : { progress: id }),
  });
  const body = createReadStream(file.path, { highWaterMark: 256 * 1024 });
  let over = false;
  async function poll(): Promise<void> {
    while (watch !== undefined && !over) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS).unref());
      if (over) return;
      const progress = await connection.json({ method: 'GET', path: `/spoor/admin/progress/${id}` });
      if (!over) watch(progress as DeliveryProgress);
    }
  }
  // A picture that cannot be drawn is no failure of the delivery, whose own answer follows.
  poll().catch(() => undefined);
  try {
    return (await connection.json({
      method: 'POST',
      path: `/spoor/admin/ingest/${options.format}?${parameters}`,
      headers: { 'content-type': 'application/octet-stream' },
      body,
    })) as IngestCounts;
  } catch (error) {
    throw error instanceof CliError ? new CliError(error.code, `${file.path}: ${error.message}`) : error;
  } finally {
    over = true;
    body.destroy();
  }
}
