import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { arcSightParser, arcSightProperties } from './arcsight.ts';
import { type CommonOptions, connect } from './connection.ts';

/** What a connector is told. Members in the order that `--json` prints. */
export interface SiemConnection {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tenant: string;
  readonly tokenUrl: string;
  readonly resource: string;
  readonly alertsUrl: string;
}

interface CreatedApplication {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tenant: string;
}

/** The audience of the SIEM pull. */
const RESOURCE = 'https://graph.windows.net';

/** `spoor siem enable`: an application for a SIEM, what its connector asks for, and ArcSight's property files. */
export function addSiem(program: Command, common: (command: Command) => Command): void {
  const siem = program.command('siem').description('the pull of detections by a SIEM');
  common(siem.command('enable'))
    .description('register an application for a SIEM; its secret is shown this once')
    .option('--name <name>', 'a name for people', 'SIEM')
    .option('--out <folder>', "write ArcSight's property files into this folder")
    .option('--json', 'print the result as one line of JSON')
    .action(async (options: CommonOptions & { name: string; out?: string; json?: boolean }) => {
      const connection = connect(options);
      const made = (await connection.json({
        method: 'POST',
        path: '/spoor/admin/apps',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: options.name, roles: ['Alert.Read.All'] }),
      })) as CreatedApplication;
      const { url } = (await connection.json({ method: 'GET', path: '/spoor/admin/siem' })) as {
        readonly url: string;
      };
      const told: SiemConnection = {
        clientId: made.clientId,
        clientSecret: made.clientSecret,
        tenant: made.tenant,
        tokenUrl: `${url}/${made.tenant}/oauth2/token`,
        resource: RESOURCE,
        alertsUrl: `${url}/api/alerts`,
      };
      if (options.out !== undefined) writeArcSight(options.out, told);
      if (options.json === true) process.stdout.write(`${JSON.stringify(told)}\n`);
      else process.stdout.write(printed(told));
    });
}

function writeArcSight(folder: string, told: SiemConnection): void {
  mkdirSync(folder, { recursive: true });
  // The first holds the secret.
  writeFileSync(join(folder, 'WDATP-connector.properties'), arcSightProperties(told), { mode: 0o600 });
  writeFileSync(join(folder, 'WDATP-connector.jsonparser.properties'), arcSightParser());
  process.stderr.write(
    `Written to ${folder}: WDATP-connector.properties, WDATP-connector.jsonparser.properties\n`,
  );
}

function printed(told: SiemConnection): string {
  const lines = [
    ['client id', told.clientId],
    ['client secret', told.clientSecret],
    ['tenant', told.tenant],
    ['token URL', told.tokenUrl],
    ['resource', told.resource],
    ['alerts URL', told.alertsUrl],
  ];
  return `${lines.map(([name = '', value = '']) => name.padEnd(15) + value).join('\n')}\n`;
}
