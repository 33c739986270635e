import { type Command, Option } from 'commander';
import { type CommonOptions, connect } from './connection.ts';

interface ExplainAnswer {
  readonly text: string;
}

/** `spoor explain 'KQL' --stage bound|plan|optimized|sql` */
export function addExplain(program: Command, common: (command: Command) => Command): void {
  common(program.command('explain'))
    .description('print what a stage of the compiler makes of a query')
    .argument('<kql>', 'the query')
    .addOption(
      new Option('--stage <stage>', 'the stage')
        .choices(['bound', 'plan', 'optimized', 'sql'])
        .default('sql'),
    )
    .option('--json', 'print the result as one line of JSON')
    .action(async (kql: string, options: CommonOptions & { stage: string; json?: boolean }) => {
      const result = (await connect(options).json({
        method: 'POST',
        path: '/spoor/admin/explain',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ Query: kql, stage: options.stage }),
      })) as ExplainAnswer;
      process.stdout.write(`${options.json ? JSON.stringify(result) : result.text}\n`);
    });
}
