import type { Command } from 'commander';
import { askDirectory, at, type DirectoryOptions, expiryOf, given } from './directory-call.ts';

interface Application {
  readonly id: string;
  readonly tenant: string;
  readonly roles: readonly string[];
}

interface CreateOptions extends DirectoryOptions, AppSettings {
  readonly name: string;
  readonly id?: string;
  readonly expires?: string;
}

/** The options by which commands describe an application. */
export interface AppSettings {
  readonly name?: string;
  readonly role?: readonly string[];
  readonly scope?: readonly string[];
  readonly redirectUri?: readonly string[];
  readonly publicRedirectUri?: readonly string[];
  readonly public?: boolean;
  readonly multiTenant?: boolean;
  readonly logoutUrl?: string;
}

export function withAppSettings(command: Command): Command {
  return command
    .option('--role <role...>', 'an application permission, e.g. AdvancedHunting.Read.All')
    .option('--scope <scope...>', 'a delegated permission that it asks for, e.g. AdvancedHunting.Read')
    .option('--redirect-uri <uri...>', 'where sign-in may return to, for one that keeps a secret')
    .option('--public-redirect-uri <uri...>', 'the same, for one on the machines of its users')
    .option('--public', 'keeps no secret: may use the device code')
    .option('--no-public', 'keeps a secret')
    .option('--multi-tenant', 'other tenants may consent to it')
    .option('--no-multi-tenant', 'of this tenant only')
    .option('--logout-url <url>', 'where a browser may go after sign-out');
}

/** What was given, as the administration API takes it. */
export function appSettings(options: AppSettings): Readonly<Record<string, unknown>> {
  const uris = (list: readonly string[] | undefined, kind: 'web' | 'public') =>
    (list ?? []).map((uri) => ({ uri, kind }));
  const hasUris = options.redirectUri !== undefined || options.publicRedirectUri !== undefined;
  return given({
    name: options.name,
    roles: options.role,
    scopes: options.scope,
    redirectUris: hasUris
      ? [...uris(options.redirectUri, 'web'), ...uris(options.publicRedirectUri, 'public')]
      : undefined,
    isPublic: options.public,
    isMultiTenant: options.multiTenant,
    logoutUrl: options.logoutUrl,
  });
}

/** `spoor app create --name N --role R [--role R ...]` */
export function addAppCreate(app: Command, common: (command: Command) => Command): void {
  withAppSettings(common(app.command('create')))
    .description('register an application; its secret is shown this once')
    .requiredOption('--name <name>', 'a name for people')
    .option('--id <guid>', 'its client id (default: a new one)')
    .option('--expires <when>', 'end of the secret: days such as 180d, or a date (default: never)')
    .option('--json', 'print the result as one line of JSON')
    .action(async (options: CreateOptions) => {
      const expiresAt = expiryOf(options.expires);
      const body = { ...appSettings(options), ...given({ id: options.id }) };
      const made = (await askDirectory(options, 'POST', 'applications', body)) as Application;
      const secret =
        options.public === true
          ? undefined
          : ((await askDirectory(
              options,
              'POST',
              `${at('applications', made.id)}/secrets`,
              given({ expiresAt }),
            )) as {
              readonly secret: string;
            });
      const { id: clientId, tenant, roles } = made;
      const clientSecret = secret?.secret;
      if (options.json) {
        process.stdout.write(`${JSON.stringify({ clientId, clientSecret, tenant, roles })}\n`);
        return;
      }
      const secretLine = clientSecret === undefined ? '' : `client secret  ${clientSecret}\n`;
      process.stdout.write(
        `client id      ${clientId}\n${secretLine}tenant         ${tenant}\nroles          ${roles.join(', ')}\n`,
      );
    });
}
