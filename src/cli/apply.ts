import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { askDirectory, type DirectoryOptions } from './directory-call.ts';
import { CliError, usageError } from './failure.ts';

interface Step {
  readonly tenant: string;
  readonly action: 'create' | 'change' | 'remove';
  readonly kind: string;
  readonly name: string;
  readonly changes: readonly string[];
}

interface Applied {
  readonly applied: boolean;
  readonly steps: readonly Step[];
  readonly made: readonly { readonly kind: string; readonly of: string; readonly value: string }[];
}

interface ApplyOptions extends DirectoryOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly prune?: boolean;
}

const SIGNS = { create: '+', change: '~', remove: '-' } as const;

/** `spoor apply directory.yaml [--dry-run|--yes] [--prune]` */
export function addApply(program: Command, common: (command: Command) => Command): void {
  common(program.command('apply'))
    .description('bring the directory to what a file says: shows the plan, and asks')
    .argument('<file>', 'YAML or JSON; `-` reads standard input')
    .option('--dry-run', 'show the plan only')
    .option('--yes', 'do not ask')
    .option('--prune', 'also remove what the lists of the file do not have')
    .option('--json', 'print the plan, or what was done, as one line of JSON')
    .action(async (file: string, options: ApplyOptions) => {
      const body = { document: readDocument(file), prune: options.prune === true };
      const plan = await call(options, { ...body, dryRun: true });
      if (!options.json) printPlan(plan.steps);
      if (options.dryRun === true || plan.steps.length === 0) {
        if (options.json) process.stdout.write(`${JSON.stringify(plan)}\n`);
        return;
      }
      if (options.yes !== true) await confirm(file);
      const done = await call(options, { ...body, dryRun: false });
      if (options.json) {
        process.stdout.write(`${JSON.stringify(done)}\n`);
        return;
      }
      for (const { kind, of, value } of done.made) {
        process.stdout.write(`${kind === 'clientId' ? 'client id' : kind} of ${of}: ${value}\n`);
      }
      process.stdout.write(`done: ${count(done.steps.length)}\n`);
    });
}

function readDocument(file: string): unknown {
  const text = readFileSync(file === '-' ? 0 : file, 'utf8');
  try {
    return parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new CliError('BadDocument', `${file} is not YAML: ${why}`);
  }
}

async function call(options: ApplyOptions, body: object): Promise<Applied> {
  return (await askDirectory(options, 'POST', 'apply', body)) as Applied;
}

function printPlan(steps: readonly Step[]): void {
  if (steps.length === 0) process.stdout.write('nothing to do\n');
  let tenant: string | undefined;
  for (const step of steps) {
    if (step.tenant !== tenant) process.stdout.write(`tenant ${step.tenant}\n`);
    tenant = step.tenant;
    process.stdout.write(`  ${SIGNS[step.action]} ${step.kind} ${step.name}\n`);
    for (const change of step.changes) process.stdout.write(`      ${change}\n`);
  }
}

async function confirm(file: string): Promise<void> {
  if (file === '-' || process.stdin.isTTY !== true)
    throw usageError('without a terminal, say --yes or --dry-run');
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await ask.question('Do this? [y/N] ');
  ask.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('NotConfirmed', 'nothing was done');
}

function count(steps: number): string {
  return steps === 1 ? '1 step' : `${steps} steps`;
}
