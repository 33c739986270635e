import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { type CommonOptions, connect } from './connection.ts';

interface Watchlist {
  readonly alias: string;
  readonly name: string;
  readonly searchKey: string;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly updatedAt: string;
}

const PATH = '/spoor/admin/watchlists';

/** `spoor watchlist list|put|delete` */
export function addWatchlist(program: Command, common: (command: Command) => Command): void {
  const command = program.command('watchlist').description('lists that queries read by `_GetWatchlist`');

  common(command.command('list'))
    .description('list them')
    .option('--json', 'print one line of JSON for each')
    .action(async (options: CommonOptions & { json?: boolean }) => {
      const answer = await connect(options).json({ method: 'GET', path: PATH });
      for (const list of (answer as { watchlists: Watchlist[] }).watchlists) {
        const { alias, rows, searchKey, columns, updatedAt } = list;
        const line = options.json
          ? JSON.stringify(list)
          : `${alias}\t${rows} items by ${searchKey}\t${columns.join(', ')}\t${updatedAt}`;
        process.stdout.write(`${line}\n`);
      }
    });

  common(command.command('put'))
    .description('upload a list, in the place of the one of the same alias')
    .argument('<file>', 'a CSV with a line of column names; `-` reads standard input')
    .option('--alias <alias>', "what queries call it by (default: the file's name without its ending)")
    .option('--name <name>', 'a name for people')
    .option('--search-key <column>', 'the column that `SearchKey` repeats (default: the first)')
    .action(
      async (
        file: string,
        options: CommonOptions & { alias?: string; name?: string; searchKey?: string },
      ) => {
        const alias = options.alias ?? basename(file).replace(/\.[^.]*$/, '');
        const query = new URLSearchParams();
        if (options.name !== undefined) query.set('name', options.name);
        if (options.searchKey !== undefined) query.set('searchKey', options.searchKey);
        const stored = (await connect(options).json({
          method: 'PUT',
          path: `${PATH}/${encodeURIComponent(alias)}?${query}`,
          headers: { 'content-type': 'text/csv' },
          body: file === '-' ? process.stdin : createReadStream(file),
        })) as Watchlist;
        process.stdout.write(`${stored.alias}: ${stored.rows} items by ${stored.searchKey}\n`);
      },
    );

  common(command.command('delete'))
    .description('forget a list')
    .argument('<alias>')
    .action(async (alias: string, options: CommonOptions) => {
      await connect(options).done({ method: 'DELETE', path: `${PATH}/${encodeURIComponent(alias)}` });
      process.stdout.write(`${alias} is deleted\n`);
    });
}
