import type { Command } from 'commander';
import { askDirectory, type DirectoryOptions, given, printEntry } from './directory-call.ts';
import { usageError } from './failure.ts';
import { addList, type RecordKind } from './record-commands.ts';

interface Issuer {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly roles: Readonly<Record<string, readonly string[]>>;
}

interface TrustOptions extends DirectoryOptions {
  readonly audience?: readonly string[];
  readonly role?: readonly string[];
  readonly rolesClaim?: string;
  readonly userClaim?: string;
  readonly jwksUri?: string;
}

/** `spoor issuer trust|list|remove` */
export function addIssuer(program: Command, common: (command: Command) => Command): void {
  const issuer = program.command('issuer').description('outside issuers whose tokens open a tenant');
  common(issuer.command('trust'))
    .description('trust an issuer, or change how')
    .argument('<url>', 'the `iss` of its tokens, to the letter')
    .option('--audience <aud...>', 'the `aud` that is taken: one of these')
    .option(
      '--role <role=permissions...>',
      'what a role there is worth here: hunters=AdvancedHunting.Read.All,Alert.Read.All',
    )
    .option('--roles-claim <path>', 'where the roles stand, dots between the steps (default: roles)')
    .option(
      '--user-claim <name>',
      "the claim with a user's sign-in name here; without it its tokens are applications'",
    )
    .option('--jwks-uri <url>', 'where its keys are (default: as its discovery document says)')
    .option('--json', 'print one line of JSON')
    .action(async (url: string, options: TrustOptions) => {
      const { audience, rolesClaim, userClaim, jwksUri } = options;
      const roles = Object.fromEntries((options.role ?? []).map(roleOf));
      const body = given({ issuer: url, audiences: audience, rolesClaim, userClaim, jwksUri, roles });
      printEntry((await askDirectory(options, 'PUT', 'issuers', body)) as object, options.json);
    });
  const kind: RecordKind = { command: issuer, common, path: () => 'issuers' };
  addList(kind, 'issuer, audiences, roles', ({ issuer: name, audiences, roles }: Issuer) => [
    name,
    audiences.join(','),
    Object.keys(roles).join(','),
  ]);
  common(issuer.command('remove'))
    .description('its tokens open nothing from now on')
    .argument('<url>')
    .action(async (url: string, options: DirectoryOptions) => {
      await askDirectory(options, 'DELETE', `issuers?${new URLSearchParams({ issuer: url })}`);
      process.stdout.write(`${url} is removed\n`);
    });
}

function roleOf(text: string): readonly [string, readonly string[]] {
  const mark = text.lastIndexOf('=');
  if (mark < 1) throw usageError(`--role takes role=permission,permission: found \`${text}\``);
  return [text.slice(0, mark), text.slice(mark + 1).split(',')];
}
