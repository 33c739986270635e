import type { Command } from 'commander';
import { askDirectory, at, type DirectoryOptions, given, printEntry } from './directory-call.ts';
import { usageError } from './failure.ts';
import { addList, addRemove, addShow, type NamedRecordKind } from './record-commands.ts';

interface Rule {
  readonly property: string;
  readonly operator: string;
  readonly value: string;
}

interface Group {
  readonly id: string;
  readonly name: string;
  readonly rank: number;
  readonly rules: readonly Rule[];
  readonly users: readonly string[];
}

interface GroupOptions extends DirectoryOptions {
  readonly name?: string;
  readonly rank?: string;
  readonly rule?: readonly string[];
  readonly user?: readonly string[];
}

function withGroupSettings(command: Command): Command {
  return command
    .option('--rank <n>', '1 is the highest; a device belongs to the highest group that it matches')
    .option(
      '--rule <rule...>',
      '"name|domain|tag|os equals|startsWith|endsWith|contains TEXT"; all must hold, none takes every device',
    )
    .option('--user <upn...>', 'who sees its devices')
    .option('--json', 'print one line of JSON');
}

/** `spoor group create|list|show|update|remove` */
export function addGroup(program: Command, common: (command: Command) => Command): void {
  const group = program.command('group').description('groups of devices, and who sees them');
  const kind: NamedRecordKind = {
    command: group,
    common,
    path: () => 'groups',
    argument: ['<group>', 'name or id'],
  };
  withGroupSettings(common(group.command('create')))
    .description('make a group')
    .argument('<name>')
    .action(async (name: string, options: GroupOptions) => {
      const made = await askDirectory(options, 'POST', 'groups', { ...settingsOf(options), name });
      printEntry(made as object, options.json);
    });
  addList(kind, 'rank, name, rules, users; highest rank first', ({ rank, name, rules, users }: Group) => [
    String(rank),
    name,
    rules.map(({ property, operator, value }) => `${property} ${operator} ${value}`).join(' and '),
    users.join(','),
  ]);
  addShow(kind);
  withGroupSettings(common(group.command('update')))
    .description('change what is given; lists take the place of the old ones')
    .argument('<group>', 'name or id')
    .option('--name <name>', 'a new name')
    .action(async (id: string, options: GroupOptions) => {
      const changed = await askDirectory(options, 'PATCH', at('groups', id), settingsOf(options));
      printEntry(changed as object, options.json);
    });
  addRemove(kind, 'remove a group; its devices fall to the next that they match');
}

function settingsOf({ name, rank, rule, user }: GroupOptions): Readonly<Record<string, unknown>> {
  return given({
    name,
    rank: rank === undefined ? undefined : Number(rank),
    rules: rule?.map(ruleOf),
    users: user,
  });
}

function ruleOf(text: string): Rule {
  const [, property, operator, value] = /^(\w+)\s+(\w+)\s+(.+)$/.exec(text.trim()) ?? [];
  if (property === undefined || operator === undefined || value === undefined) {
    throw usageError(`a rule is written \`name startsWith srv\`: found \`${text}\``);
  }
  return { property, operator, value };
}
