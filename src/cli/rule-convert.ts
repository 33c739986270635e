import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { CliError, EXIT_FAILURE } from './failure.ts';

/**
 * `spoor rule convert`: needs no server. Standard output is only the rules: with `--json` one object a line, else the
 * YAML of each. What cannot be converted is said on standard error, and the exit code is 1.
 */
export function addConvert(rule: Command): void {
  rule
    .command('convert')
    .description('turn rules of other systems into rules and KQL')
    .argument('<files...>', 'files of rules')
    .addOption(
      new Option('--from <form>', 'what the files hold').choices(['sigma', 'sentinel']).makeOptionMandatory(),
    )
    .option('--json', 'print one line of JSON per rule: {"query": KQL, ...}')
    .action(async (files: string[], { from, json }: { from: 'sigma' | 'sentinel'; json?: boolean }) => {
      const { convertRules, printRule } = await import('../main.ts');
      for (const file of files) {
        for (const conversion of convertRules(from, textOf(file))) {
          if (!conversion.ok) {
            const name = conversion.title === '' ? file : `${file}: ${conversion.title}`;
            process.stderr.write(`${name}: not converted (${conversion.construct}): ${conversion.reason}\n`);
            process.exitCode = EXIT_FAILURE;
          } else if (json === true) {
            const { query, title, rule: made } = conversion;
            const { name, severity, category, techniques, entities, description } = made;
            const line = { query, title, name, severity, category, techniques, entities, description };
            process.stdout.write(`${JSON.stringify(line)}\n`);
          } else process.stdout.write(`---\n${printRule(conversion.rule)}`);
        }
      }
    });
}

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new CliError(
      'FileUnreadable',
      `${file}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
