import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { askDirectory, at, type DirectoryOptions, given, printEntry } from './directory-call.ts';
import { usageError } from './failure.ts';
import { addList, addRemove, addShow, type NamedRecordKind } from './record-commands.ts';

interface User {
  readonly id: string;
  readonly upn: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly enabled: boolean;
  readonly hasPassword: boolean;
}

interface UserOptions extends DirectoryOptions {
  readonly name?: string;
  readonly givenName?: string;
  readonly familyName?: string;
  readonly role?: readonly string[];
  readonly enabled?: boolean;
  readonly passwordFile?: string;
  readonly generatePassword?: boolean;
}

function withUserSettings(command: Command): Command {
  return command
    .option('--name <name>', 'a name for people')
    .option('--given-name <name>')
    .option('--family-name <name>')
    .option('--role <role...>', 'view-data, manage-alerts or administrator')
    .option('--password-file <file>', 'file with the password; `-` reads standard input')
    .option('--generate-password', 'make a password; it is shown this once')
    .option('--json', 'print one line of JSON');
}

/** `spoor user create|list|show|update|remove|sign-out` */
export function addUser(program: Command, common: (command: Command) => Command): void {
  const user = program.command('user').description('people who may sign in');
  const kind: NamedRecordKind = {
    command: user,
    common,
    path: () => 'users',
    argument: ['<user>', 'sign-in name or id'],
  };
  withUserSettings(common(user.command('create')))
    .description('register a user')
    .argument('<upn>', 'sign-in name, `name@domain`')
    .action(async (upn: string, options: UserOptions) => {
      const { settings, generated } = settingsOf(options);
      const made = (await askDirectory(options, 'POST', 'users', { upn, ...settings })) as User;
      printEntry({ ...made, ...generated }, options.json);
    });
  addList(kind, 'sign-in name, roles, state, id', ({ upn, roles, enabled, id }: User) => [
    upn,
    roles.join(','),
    enabled ? 'enabled' : 'disabled',
    id,
  ]);
  addShow(kind);
  withUserSettings(common(user.command('update')))
    .description('change what is given; a new password and --no-enabled sign the user out everywhere')
    .argument('<user>', 'sign-in name or id')
    .option('--enabled', 'let the user sign in')
    .option('--no-enabled', 'switch the user off')
    .action(async (id: string, options: UserOptions) => {
      const { settings, generated } = settingsOf(options);
      const changed = (await askDirectory(options, 'PATCH', at('users', id), settings)) as User;
      printEntry({ ...changed, ...generated }, options.json);
    });
  common(user.command('sign-out'))
    .description('end all sessions and tokens of a user')
    .argument('<user>', 'sign-in name or id')
    .action(async (id: string, options: DirectoryOptions) => {
      await askDirectory(options, 'POST', `${at('users', id)}/sign-out`);
      process.stdout.write(`${id} is signed out\n`);
    });
  addRemove(kind, 'remove a user');
}

function settingsOf(options: UserOptions): {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly generated: { readonly password?: string };
} {
  const { name, givenName, familyName, role, enabled, passwordFile, generatePassword } = options;
  if (passwordFile !== undefined && generatePassword === true) {
    throw usageError('either --password-file or --generate-password');
  }
  const generated = generatePassword === true ? randomBytes(18).toString('base64url') : undefined;
  const read =
    passwordFile === undefined
      ? undefined
      : readFileSync(passwordFile === '-' ? 0 : passwordFile, 'utf8').replace(/\r?\n$/, '');
  return {
    settings: given({ name, givenName, familyName, roles: role, enabled, password: generated ?? read }),
    generated: generated === undefined ? {} : { password: generated },
  };
}
