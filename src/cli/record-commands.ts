import type { Command } from 'commander';
import {
  askDirectory,
  at,
  type DirectoryOptions,
  listDirectory,
  printEntries,
  printEntry,
} from './directory-call.ts';

/** One kind of record that the administration API keeps. */
export interface RecordKind<Options extends DirectoryOptions = DirectoryOptions> {
  readonly command: Command;
  /** Gives a command the options of its kind. */
  readonly common: (command: Command) => Command;
  /** Where the records are, below `/spoor/admin`. */
  readonly path: (options: Options) => string;
}

/** A kind of which one record can be named. */
export interface NamedRecordKind<Options extends DirectoryOptions = DirectoryOptions>
  extends RecordKind<Options> {
  readonly argument: readonly [name: string, description: string];
}

export function addList<Entry, Options extends DirectoryOptions = DirectoryOptions>(
  { command, common, path }: RecordKind<Options>,
  description: string,
  cells: (entry: Entry) => readonly string[],
): void {
  common(command.command('list'))
    .description(description)
    .option('--json', 'print one line of JSON for each')
    .action(async (options: Options) => {
      printEntries(await listDirectory<Entry>(options, path(options)), options.json, cells);
    });
}

export function addShow<Options extends DirectoryOptions>(kind: NamedRecordKind<Options>): void {
  const { command, common, path, argument } = kind;
  common(command.command('show'))
    .description('all that is set of one')
    .argument(...argument)
    .option('--json', 'print one line of JSON')
    .action(async (id: string, options: Options) => {
      const found = await askDirectory(options, 'GET', `${path(options)}/${at(id)}`);
      printEntry(found as object, options.json);
    });
}

export function addRemove<Options extends DirectoryOptions>(
  { command, common, path, argument }: NamedRecordKind<Options>,
  description: string,
): void {
  common(command.command('remove'))
    .description(description)
    .argument(...argument)
    .action(async (id: string, options: Options) => {
      await askDirectory(options, 'DELETE', `${path(options)}/${at(id)}`);
      process.stdout.write(`${id} is removed\n`);
    });
}
