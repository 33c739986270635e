import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { askDirectory, at, type DirectoryOptions, expiryOf, given, printEntry } from './directory-call.ts';
import { addList, addRemove, type NamedRecordKind } from './record-commands.ts';

interface Secret {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
  readonly expiresAt?: string;
}

interface Certificate {
  readonly id: string;
  readonly name: string;
  readonly x5t: string;
  readonly notAfter: string;
}

interface OfApp extends DirectoryOptions {
  readonly app: string;
}

function ofApp(command: Command): Command {
  return command.requiredOption('--app <id>', 'client id of the application');
}

/** `spoor secret add|list|remove` */
export function addSecret(program: Command, common: (command: Command) => Command): void {
  const secret = program.command('secret').description('secrets of applications');
  const kind: NamedRecordKind<OfApp> = {
    command: secret,
    common: (command) => ofApp(common(command)),
    path: (options) => `${at('applications', options.app)}/secrets`,
    argument: ['<id>', 'id of the secret'],
  };
  kind
    .common(secret.command('add'))
    .description('make one; it is shown this once')
    .option('--name <name>', 'what it is for')
    .option('--expires <when>', 'days such as 180d, or a date (default: never)')
    .option('--json', 'print one line of JSON')
    .action(async (options: OfApp & { name?: string; expires?: string }) => {
      const body = given({ name: options.name, expiresAt: expiryOf(options.expires) });
      const made = await askDirectory(options, 'POST', kind.path(options), body);
      printEntry(made as object, options.json);
    });
  addList(
    kind,
    'id, first characters, end, name; never the secret',
    ({ id, hint, expiresAt, name }: Secret) => [id, `${hint}...`, expiresAt ?? 'never', name],
  );
  addRemove(kind, 'take one away, at once');
}

/** `spoor certificate add|list|remove` */
export function addCertificate(program: Command, common: (command: Command) => Command): void {
  const certificate = program.command('certificate').description('certificates that sign for applications');
  const kind: NamedRecordKind<OfApp> = {
    command: certificate,
    common: (command) => ofApp(common(command)),
    path: (options) => `${at('applications', options.app)}/certificates`,
    argument: ['<id>', 'id of the certificate'],
  };
  kind
    .common(certificate.command('add'))
    .description('register one, without its private key')
    .argument('<file>', 'PEM')
    .option('--name <name>', "a name for people (default: the certificate's subject)")
    .option('--json', 'print one line of JSON')
    .action(async (file: string, options: OfApp & { name?: string }) => {
      const body = given({ pem: readFileSync(file, 'utf8'), name: options.name });
      const made = await askDirectory(options, 'POST', kind.path(options), body);
      printEntry(made as object, options.json);
    });
  addList(kind, 'id, thumbprint, end, name', ({ id, x5t, notAfter, name }: Certificate) => [
    id,
    x5t,
    notAfter,
    name,
  ]);
  addRemove(kind, 'take one away, at once');
}
