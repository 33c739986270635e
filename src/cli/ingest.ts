import { type Command, Option } from 'commander';
import { type CommonOptions, type Connection, connect } from './connection.ts';
import { type DeliveryProgress, deliverFile } from './delivery.ts';
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
  let doneBytes = 0;
  let total = NO_COUNTS;
  // For the picture of an archive's progress only: as events usually pack, then as the last archive did.
  let unpackedPerByte = 15;
  try {
    for (const file of files) {
      let readBytes = 0;
      const watch = ({ bytes, events }: DeliveryProgress) => {
        readBytes = bytes;
        const fileBytes = isPacked(file.path) ? bytes / unpackedPerByte : bytes;
        progress.update({
          doneBytes: doneBytes + Math.min(file.bytes, fileBytes),
          totalBytes,
          events: total.events + events,
          elapsedMs: performance.now() - startedMs,
        });
      };
      const counts = await deliverFile(connection, file, options, progress.isLive ? watch : undefined);
      total = addCounts(total, counts);
      doneBytes += file.bytes;
      if (isPacked(file.path) && readBytes > 0) unpackedPerByte = readBytes / file.bytes;
      progress.file(`${file.path} (${megabytes(file.bytes)} MB): ${describeCounts(counts)}`);
    }
  } catch (error) {
    throw resumable(total, error);
  } finally {
    progress.done();
  }
  return total;
}

function isPacked(path: string): boolean {
  return /\.(gz|zip)$/i.test(path);
}

/** Everything before the file is stored, and repeating the command stores nothing twice. */
function resumable(before: IngestCounts, error: unknown): unknown {
  if (!(error instanceof CliError)) return error;
  const stored = `${before.files} files before it are stored; run the command again to go on`;
  return new CliError(error.code, `${error.message} (${stored})`);
}
