import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { type CommonOptions, connect } from './connection.ts';

interface SavedFunction {
  readonly name: string;
  readonly parameters: string;
  readonly folder: string;
  readonly docstring: string;
}

const PATH = '/spoor/admin/functions';

/** `spoor function list|put|delete` */
export function addFunction(program: Command, common: (command: Command) => Command): void {
  const command = program.command('function').description('functions that queries of the tenant can call');

  common(command.command('list'))
    .description('list them')
    .option('--json', 'print one line of JSON for each, with its body')
    .action(async (options: CommonOptions & { json?: boolean }) => {
      const answer = await connect(options).json({ method: 'GET', path: PATH });
      for (const saved of (answer as { functions: SavedFunction[] }).functions) {
        const line = options.json
          ? JSON.stringify(saved)
          : [`${saved.name}${saved.parameters}`, saved.folder, saved.docstring].join('\t').trimEnd();
        process.stdout.write(`${line}\n`);
      }
    });

  common(command.command('put'))
    .description('check a function and save it, in the place of one of the same name')
    .argument('<name>', 'what queries call it by')
    .argument('<file>', 'its body in KQL, without the braces; `-` reads standard input')
    .option('--parameters <list>', 'e.g. "(T:(Timestamp:datetime), days:long=7)"', '()')
    .option('--folder <folder>', 'where it is listed', '')
    .option('--docstring <text>', 'what it does', '')
    .action(
      async (
        name: string,
        file: string,
        options: CommonOptions & { parameters: string; folder: string; docstring: string },
      ) => {
        const { parameters, folder, docstring } = options;
        const body = readFileSync(file === '-' ? 0 : file, 'utf8');
        await connect(options).json({
          method: 'PUT',
          path: `${PATH}/${encodeURIComponent(name)}`,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ parameters, folder, docstring, body }),
        });
        process.stdout.write(`${name} is saved\n`);
      },
    );

  common(command.command('delete'))
    .description('forget a function that no other calls')
    .argument('<name>')
    .action(async (name: string, options: CommonOptions) => {
      await connect(options).done({ method: 'DELETE', path: `${PATH}/${encodeURIComponent(name)}` });
      process.stdout.write(`${name} is deleted\n`);
    });
}
