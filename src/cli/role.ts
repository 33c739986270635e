import type { Command } from 'commander';
import { askDirectory, at, type DirectoryOptions, printEntries, printEntry } from './directory-call.ts';
import { usageError } from './failure.ts';

interface Described {
  readonly name: string;
  readonly allows: string;
}

interface Roles {
  readonly applicationRoles: readonly Described[];
  readonly scopes: readonly Described[];
  readonly userRoles: readonly Described[];
}

interface Holder extends DirectoryOptions {
  readonly app?: string;
  readonly user?: string;
}

/** `spoor role list|grant|revoke` */
export function addRole(program: Command, common: (command: Command) => Command): void {
  const role = program.command('role').description('what applications and people may do');
  common(role.command('list'))
    .description('every role and permission: kind, name, what it allows')
    .option('--json', 'print one line of JSON for each')
    .action(async (options: DirectoryOptions) => {
      const found = (await askDirectory(options, 'GET', 'roles')) as Roles;
      const of = (kind: string, entries: readonly Described[]) =>
        entries.map((entry) => ({ kind, ...entry }));
      const all = [
        ...of('user', found.userRoles),
        ...of('application', found.applicationRoles),
        ...of('delegated', found.scopes),
      ];
      printEntries(all, options.json, ({ kind, name, allows }) => [kind, name, allows]);
    });
  for (const [word, sentence] of [
    ['grant', 'give roles to a user or an application'],
    ['revoke', 'take roles away from a user or an application'],
  ] as const) {
    common(role.command(word))
      .description(sentence)
      .argument('<role...>')
      .option('--user <upn>', 'sign-in name or id')
      .option('--app <id>', 'client id')
      .option('--json', 'print one line of JSON')
      .action(async (roles: string[], options: Holder) => {
        const path = holderPath(options);
        const { roles: held } = (await askDirectory(options, 'GET', path)) as { roles: readonly string[] };
        const next =
          word === 'grant' ? [...new Set([...held, ...roles])] : held.filter((one) => !roles.includes(one));
        const changed = await askDirectory(options, 'PATCH', path, { roles: next });
        printEntry(changed as object, options.json);
      });
  }
}

function holderPath({ app, user }: Holder): string {
  if (app !== undefined && user === undefined) return at('applications', app);
  if (user !== undefined && app === undefined) return at('users', user);
  throw usageError('either --user or --app');
}
