import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { type Command, Option } from 'commander';
import { type CommonOptions, type Connection, connect } from './connection.ts';
import { CliError } from './failure.ts';
import { addCounts, describeCounts, type IngestCounts, NO_COUNTS } from './ingest-counts.ts';
import { type InputFile, listInputFiles } from './input-files.ts';
import { createProgress, megabytes } from './progress.ts';

interface IngestOptions extends CommonOptions {
  readonly format: string;
  readonly table?: string;
  readonly rebase?: string;
  readonly json?: boolean;
}

/** `spoor ingest <files or folders> [--rebase now]`: each file is one delivery, acknowledged when it is durable. */
export function addIngest(program: Command, common: (command: Command) => Command): void {
  common(program.command('ingest'))
    .description('send files and folders of events to the running server')
    .argument('<paths...>', 'files (also .gz and .zip) and folders')
    .addOption(
      new Option('--format <format>', 'what the files hold')
        .choices(['auto', 'records', 'csv', 'windows'])
        .default('auto'),
    )
    .option('--table <table>', 'the table that plain rows belong to')
    .addOption(
      new Option('--rebase <to>', "shift each file's times, so that its last event is now").choices(['now']),
    )
    .option('--json', 'print the counts as one line of JSON')
    .action(async (paths: string[], options: IngestOptions) => {
      const counts = await ingestFiles(connect(options), listInputFiles(paths), options);
      if (options.json) {
        process.stdout.write(`${JSON.stringify(counts)}\n`);
        return;
      }
      process.stdout.write(`${describeCounts(counts)}\n`);
      for (const [table, rows] of Object.entries(counts.tables))
        process.stdout.write(`  ${table}: ${rows}\n`);
      for (const [reason, events] of Object.entries(counts.reasons)) {
        process.stdout.write(`  (${reason}: ${events})\n`);
      }
    });
}

async function ingestFiles(
  connection: Connection,
  files: readonly InputFile[],
  options: IngestOptions,
): Promise<IngestCounts> {
  const progress = createProgress();
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const startedMs = performance.now();
  let sentBytes = 0;
  let total = NO_COUNTS;
  const path = `/spoor/admin/ingest/${options.format}`;
  try {
    for (const file of files) {
      const body = counted(file.path, (bytes) => {
        sentBytes += bytes;
        const elapsedMs = performance.now() - startedMs;
        progress.update({ sentBytes, totalBytes, events: total.events, elapsedMs });
      });
      const parameters = new URLSearchParams({
        name: basename(file.path),
        ...(options.table === undefined ? {} : { table: options.table }),
        ...(options.rebase === undefined ? {} : { rebase: options.rebase }),
      });
      const answer = await connection
        .json({
          method: 'POST',
          path: `${path}?${parameters}`,
          headers: { 'content-type': 'application/octet-stream' },
          body,
        })
        .catch((error: unknown) => {
          body.destroy();
          throw inFile(file, total, error);
        });
      const counts = answer as IngestCounts;
      total = addCounts(total, counts);
      progress.file(`${file.path} (${megabytes(file.bytes)} MB): ${describeCounts(counts)}`);
    }
  } finally {
    progress.done();
  }
  return total;
}

/** Everything up to the file is stored, and repeating the command stores nothing twice. */
function inFile(file: InputFile, before: IngestCounts, error: unknown): unknown {
  if (!(error instanceof CliError)) return error;
  return new CliError(
    error.code,
    `${file.path}: ${error.message} (${before.files} files are stored; run the command again to go on)`,
  );
}

function counted(path: string, onBytes: (bytes: number) => void): Readable {
  async function* pieces() {
    for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 })) {
      yield piece;
      onBytes(piece.length);
    }
  }
  return Readable.from(pieces(), { objectMode: false });
}
