import { addCounts, type IngestCounts, NO_COUNTS } from '../model/ingest-counts.ts';
import type { Connection } from './connection.ts';
import { type DeliveryOptions, type DeliveryProgress, deliverFile } from './delivery.ts';
import { CliError } from './failure.ts';
import { describeCounts } from './ingest-counts.ts';
import type { InputFile } from './input-files.ts';
import { megabytes, type Progress } from './progress.ts';

/** The server reads some files while it writes others, and writes small ones of the same moment together. */
const DELIVERIES_AT_A_TIME = 4;

/**
 * Sends each file as one delivery, several at a time, and reports them in the order of `files`. Resolves with the sum.
 * After a failure no other file is begun; those under way come to their end before it rejects with a `CliError`.
 */
export async function deliverFiles(
  connection: Connection,
  files: readonly InputFile[],
  options: DeliveryOptions,
  progress: Progress,
): Promise<IngestCounts> {
  const finished = new Map<InputFile, IngestCounts>();
  const picture = createPicture(files, progress);
  const left = files.values();
  let reported = 0;
  let failure: { readonly error: unknown } | undefined;

  function report(): void {
    for (; reported < files.length; reported++) {
      const file = files[reported];
      const counts = file === undefined ? undefined : finished.get(file);
      if (file === undefined || counts === undefined) return;
      progress.file(`${file.path} (${megabytes(file.bytes)} MB): ${describeCounts(counts)}`);
    }
  }

  async function sendOneAfterAnother(): Promise<void> {
    while (failure === undefined) {
      const { value: file } = left.next();
      if (file === undefined) return;
      const watch = (at: DeliveryProgress) => picture.reached(file, at);
      try {
        const counts = await deliverFile(connection, file, options, progress.isLive ? watch : undefined);
        finished.set(file, counts);
        picture.ended(file, counts.events);
        report();
      } catch (error) {
        failure ??= { error };
      }
    }
  }

  await Promise.all(Array.from({ length: DELIVERIES_AT_A_TIME }, sendOneAfterAnother));
  if (failure !== undefined) throw resumable(finished.size, failure.error);
  return files.reduce((sum, file) => addCounts(sum, finished.get(file) ?? NO_COUNTS), NO_COUNTS);
}

/** What is stored stays, and repeating the command stores nothing twice. */
function resumable(stored: number, error: unknown): unknown {
  if (!(error instanceof CliError)) return error;
  return new CliError(
    error.code,
    `${error.message} (${stored} other files are stored; run the command again to go on)`,
  );
}

/** How far all files together have come. */
function createPicture(files: readonly InputFile[], progress: Progress) {
  const startedMs = performance.now();
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const underWay = new Map<InputFile, DeliveryProgress>();
  let endedBytes = 0;
  let endedEvents = 0;
  // Of an archive only the unpacked bytes are known while it lasts: as events usually pack, then as the last one did.
  let unpackedPerByte = 15;

  function draw(): void {
    let doneBytes = endedBytes;
    let events = endedEvents;
    for (const [file, at] of underWay) {
      doneBytes += Math.min(file.bytes, isPacked(file.path) ? at.bytes / unpackedPerByte : at.bytes);
      events += at.events;
    }
    progress.update({ doneBytes, totalBytes, events, elapsedMs: performance.now() - startedMs });
  }

  return {
    reached(file: InputFile, at: DeliveryProgress): void {
      underWay.set(file, at);
      draw();
    },
    ended(file: InputFile, events: number): void {
      const read = underWay.get(file)?.bytes ?? 0;
      if (isPacked(file.path) && read > 0 && file.bytes > 0) unpackedPerByte = read / file.bytes;
      underWay.delete(file);
      endedBytes += file.bytes;
      endedEvents += events;
    },
  };
}

function isPacked(path: string): boolean {
  return /\.(gz|zip)$/i.test(path);
}
