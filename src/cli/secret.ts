import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import {
  askDirectory,
  at,
  type DirectoryOptions,
  expiryOf,
  given,
  listDirectory,
  printEntries,
  printEntry,
} from './directory-call.ts';

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
  ofApp(common(secret.command('add')))
    .description('make one; it is shown this once')
    .option('--name <name>', 'what it is for')
    .option('--expires <when>', 'days such as 180d, or a date (default: never)')
    .option('--json', 'print one line of JSON')
    .action(async (options: OfApp & { name?: string; expires?: string }) => {
      const body = given({ name: options.name, expiresAt: expiryOf(options.expires) });
      const made = await askDirectory(options, 'POST', `${at('applications', options.app)}/secrets`, body);
      printEntry(made as object, options.json);
    });
  ofApp(common(secret.command('list')))
    .description('id, first characters, end, name; never the secret')
    .option('--json', 'print one line of JSON for each')
    .action(async (options: OfApp) => {
      const secrets = await listDirectory<Secret>(options, `${at('applications', options.app)}/secrets`);
      printEntries(secrets, options.json, ({ id, hint, expiresAt, name }) => [
        id,
        `${hint}...`,
        expiresAt ?? 'never',
        name,
      ]);
    });
  ofApp(common(secret.command('remove')))
    .description('take one away, at once')
    .argument('<id>', 'id of the secret')
    .action(async (id: string, options: OfApp) => {
      await askDirectory(options, 'DELETE', at('applications', options.app, 'secrets', id));
      process.stdout.write(`${id} is removed\n`);
    });
}

/** `spoor certificate add|list|remove` */
export function addCertificate(program: Command, common: (command: Command) => Command): void {
  const certificate = program.command('certificate').description('certificates that sign for applications');
  ofApp(common(certificate.command('add')))
    .description('register one, without its private key')
    .argument('<file>', 'PEM')
    .option('--name <name>', "a name for people (default: the certificate's subject)")
    .option('--json', 'print one line of JSON')
    .action(async (file: string, options: OfApp & { name?: string }) => {
      const body = given({ pem: readFileSync(file, 'utf8'), name: options.name });
      const made = await askDirectory(
        options,
        'POST',
        `${at('applications', options.app)}/certificates`,
        body,
      );
      printEntry(made as object, options.json);
    });
  ofApp(common(certificate.command('list')))
    .description('id, thumbprint, end, name')
    .option('--json', 'print one line of JSON for each')
    .action(async (options: OfApp) => {
      const found = await listDirectory<Certificate>(
        options,
        `${at('applications', options.app)}/certificates`,
      );
      printEntries(found, options.json, ({ id, x5t, notAfter, name }) => [id, x5t, notAfter, name]);
    });
  ofApp(common(certificate.command('remove')))
    .description('take one away, at once')
    .argument('<id>', 'id of the certificate')
    .action(async (id: string, options: OfApp) => {
      await askDirectory(options, 'DELETE', at('applications', options.app, 'certificates', id));
      process.stdout.write(`${id} is removed\n`);
    });
}
