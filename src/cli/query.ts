import type { Command } from 'commander';
import { type CommonOptions, connect, failureOf, readText } from './connection.ts';
import { usageError } from './failure.ts';
import { FORMATS } from './formats.ts';

/** `spoor query 'KQL' [--format table|json|csv|ndjson]` */
export function addQuery(program: Command, common: (command: Command) => Command): void {
  common(program.command('query'))
    .description('run a query on the running server and print its answer')
    .argument('<kql>', 'the query')
    .option('--format <format>', 'table, json, csv or ndjson', 'table')
    .option('--json', 'the same as --format json')
    .action(async (kql: string, options: CommonOptions & { format: string; json?: boolean }) => {
      const format = FORMATS[options.json ? 'json' : options.format];
      if (format === undefined) throw usageError(`there is no format \`${options.format}\``);
      const answer = await connect(options).send({
        method: 'POST',
        path: '/spoor/admin/query',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ Query: kql }),
      });
      const text = await readText(answer.body);
      if (answer.status !== 200) throw failureOf(answer.status, text);
      process.stdout.write(format(text));
      if (answer.headers['x-spoor-truncated'] === 'true') {
        process.stderr.write('The answer was cut at the row limit.\n');
      }
    });
}
