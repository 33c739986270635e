import type { Command } from 'commander';
import { type CommonOptions, connect } from './connection.ts';

interface CreatedApplication {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tenant: string;
  readonly roles: readonly string[];
}

/** `spoor app create --name N --role R [--role R ...]` */
export function addApp(program: Command, common: (command: Command) => Command): void {
  const app = program.command('app').description('applications that may ask for tokens');
  common(app.command('create'))
    .description('register an application; its secret is shown this once')
    .requiredOption('--name <name>', 'a name for people')
    .requiredOption('--role <role...>', 'an application permission, e.g. AdvancedHunting.Read.All')
    .option('--json', 'print the result as one line of JSON')
    .action(async (options: CommonOptions & { name: string; role: string[]; json?: boolean }) => {
      const made = (await connect(options).json({
        method: 'POST',
        path: '/spoor/admin/apps',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: options.name, roles: options.role }),
      })) as CreatedApplication;
      const { clientId, clientSecret, tenant, roles } = made;
      if (options.json) {
        process.stdout.write(`${JSON.stringify({ clientId, clientSecret, tenant, roles })}\n`);
        return;
      }
      process.stdout.write(
        `client id      ${clientId}\nclient secret  ${clientSecret}\ntenant         ${tenant}\nroles          ${roles.join(', ')}\n`,
      );
    });
}
