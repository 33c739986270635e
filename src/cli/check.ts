import type { Command } from 'commander';
import { type CommonOptions, connect } from './connection.ts';
import { type DiagnosticText, refused } from './diagnostics.ts';

interface CheckAnswer {
  readonly ok: boolean;
  readonly diagnostics: readonly DiagnosticText[];
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly warnings: readonly string[];
}

/** `spoor check 'KQL'`: validates without running. */
export function addCheck(program: Command, common: (command: Command) => Command): void {
  common(program.command('check'))
    .description('validate a query without running it')
    .argument('<kql>', 'the query')
    .option('--json', 'print the result as one line of JSON')
    .action(async (kql: string, options: CommonOptions & { json?: boolean }) => {
      const result = (await connect(options).json({
        method: 'POST',
        path: '/spoor/admin/check',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ Query: kql }),
      })) as CheckAnswer;
      if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
      for (const warning of result.warnings) process.stderr.write(`warning: ${warning}\n`);
      if (!result.ok) throw refused(result.diagnostics);
      if (options.json) return;
      process.stdout.write('ok\n');
      for (const { name, type } of result.columns) process.stdout.write(`  ${name}: ${type}\n`);
    });
}
