import type { Command } from 'commander';
import { type AppSettings, addAppCreate, appSettings, withAppSettings } from './app-create.ts';
import {
  askDirectory,
  at,
  type DirectoryOptions,
  given,
  listDirectory,
  printEntries,
  printEntry,
} from './directory-call.ts';
import { addList, addRemove, addShow, type NamedRecordKind } from './record-commands.ts';

interface Application {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
}

interface Consent {
  readonly user?: string;
  readonly api: string;
  readonly scopes: readonly string[];
}

interface ConsentOptions extends DirectoryOptions {
  readonly user?: string;
  readonly api: string;
  readonly scope: readonly string[];
}

interface AdmittedApplication {
  readonly id: string;
  readonly name: string;
  readonly home: string;
  readonly roles: readonly string[];
}

/** `spoor app create|list|show|update|remove|consent|consents|withdraw|admitted|dismiss` */
export function addApp(program: Command, common: (command: Command) => Command): void {
  const app = program.command('app').description('applications that may ask for tokens');
  const kind: NamedRecordKind = {
    command: app,
    common,
    path: () => 'applications',
    argument: ['<id>', 'client id'],
  };
  addAppCreate(app, common);
  addList(kind, 'client id, name, roles, scopes', ({ id, name, roles, scopes }: Application) => [
    id,
    name,
    roles.join(','),
    scopes.join(','),
  ]);
  addShow(kind);
  withAppSettings(common(app.command('update')))
    .description('change what is given; a list takes the place of the old one')
    .argument('<id>', 'client id')
    .option('--name <name>', 'a name for people')
    .option('--json', 'print one line of JSON')
    .action(async (id: string, options: DirectoryOptions & AppSettings) => {
      const changed = await askDirectory(options, 'PATCH', at('applications', id), appSettings(options));
      printEntry(changed as object, options.json);
    });
  addRemove(kind, 'remove one, with its secrets, certificates and consents');
  addConsents(app, common);
  addAdmitted(app, common);
}

function addConsents(app: Command, common: (command: Command) => Command): void {
  common(app.command('consent'))
    .description('agree to delegated permissions, for one user or for everyone')
    .argument('<id>', 'client id')
    .requiredOption('--scope <scope...>', 'a delegated permission')
    .option('--api <api>', 'defender, siem, graph, kusto or spoor', 'defender')
    .option('--user <upn>', 'for this user (default: for everyone of the tenant)')
    .action(async (id: string, options: ConsentOptions) => {
      const { api, scope, user } = options;
      await askDirectory(
        options,
        'POST',
        `${at('applications', id)}/consents`,
        given({ api, scopes: scope, user }),
      );
      process.stdout.write(`${scope.join(', ')}: agreed for ${user ?? 'everyone'}\n`);
    });
  common(app.command('consents'))
    .description('who agreed to what')
    .argument('<id>', 'client id')
    .option('--json', 'print one line of JSON for each')
    .action(async (id: string, options: DirectoryOptions) => {
      const consents = await listDirectory<Consent>(options, `${at('applications', id)}/consents`);
      printEntries(consents, options.json, ({ user, api, scopes }) => [
        user ?? 'everyone',
        api,
        scopes.join(','),
      ]);
    });
  common(app.command('withdraw'))
    .description('take an agreement back')
    .argument('<id>', 'client id')
    .option('--user <upn>', "this user's (default: the one for everyone)")
    .action(async (id: string, options: DirectoryOptions & { user?: string }) => {
      const query = options.user === undefined ? '' : `?user=${encodeURIComponent(options.user)}`;
      await askDirectory(options, 'DELETE', `${at('applications', id)}/consents${query}`);
      process.stdout.write('withdrawn\n');
    });
}

function addAdmitted(app: Command, common: (command: Command) => Command): void {
  common(app.command('admitted'))
    .description("other tenants' applications that an administrator let in: client id, name, tenant, roles")
    .option('--json', 'print one line of JSON for each')
    .action(async (options: DirectoryOptions) => {
      const admitted = await listDirectory<AdmittedApplication>(options, 'admitted-applications');
      printEntries(admitted, options.json, ({ id, name, home, roles }) => [id, name, home, roles.join(',')]);
    });
  common(app.command('dismiss'))
    .description("take another tenant's application out again, with all that was agreed to")
    .argument('<id>', 'client id')
    .action(async (id: string, options: DirectoryOptions) => {
      await askDirectory(options, 'DELETE', at('admitted-applications', id));
      process.stdout.write(`${id} is dismissed\n`);
    });
}
