import { type Command, Option } from 'commander';
import type { IngestCounts } from '../model/ingest-counts.ts';
import { type CommonOptions, type Connection, connect } from './connection.ts';
import { deliverFiles } from './deliveries.ts';
import { describeCounts } from './ingest-counts.ts';
import { type InputFile, listInputFiles } from './input-files.ts';
import { createProgress } from './progress.ts';

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
  try {
    return await deliverFiles(connection, files, options, progress);
  } finally {
    progress.done();
  }
}
