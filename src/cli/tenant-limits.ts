import { type Command, InvalidArgumentError } from 'commander';
import { SETTINGS } from '../config/settings.ts';
import { connect } from './connection.ts';
import { askDirectory, at, type DirectoryOptions, given, listDirectory } from './directory-call.ts';
import { CliError, usageError } from './failure.ts';

type Amount = number | 'unlimited';

/** Named as the settings of the server are. */
interface LimitOptions extends DirectoryOptions {
  readonly quotas?: string;
  readonly quotaCalls?: Amount;
  readonly quotaHour?: Amount;
  readonly quotaDay?: Amount;
  readonly quotaCpu?: Amount;
  readonly requestTime?: Amount;
  readonly maxRows?: number;
  readonly maxResult?: Amount;
  readonly server?: boolean;
}

interface Shown {
  readonly tenant: string;
  readonly own: Readonly<Record<string, unknown>>;
  readonly standing: {
    readonly profile: string;
    readonly limits: Readonly<
      Record<string, { readonly allowed: number | null; readonly used: number; readonly unit: string }>
    >;
    readonly requestTimeSeconds: number | null;
    readonly maxRows: number;
    readonly maxResultBytes: number | null;
  };
}

/** `spoor tenant limits [id]`: shows them, or puts those of the options in place of what the tenant had. */
export function addTenantLimits(tenant: Command, common: (command: Command) => Command): void {
  const command = common(tenant.command('limits'))
    .description('show the limits of a tenant, or give it its own; what is not given is as the server has it')
    .argument('[id]', "id or domain of the tenant (default: --tenant, or the server's)");
  for (const name of [
    'quotas',
    'callsPerMinute',
    'runningMsPerHour',
    'runningMsPerDay',
    'cpuPercent',
    'requestTimeMs',
    'maxRows',
    'maxResultBytes',
  ] as const) {
    const { key, form, parse } = SETTINGS[name];
    command.option(`--${key} <value>`, `the setting \`${key}\` for this tenant: ${form}`, (text: string) => {
      try {
        return parse(text);
      } catch {
        throw new InvalidArgumentError(`expected ${form}`);
      }
    });
  }
  command
    .option('--server', "only the server's limits again")
    .option('--json', 'print one line of JSON')
    .action(async (id: string | undefined, options: LimitOptions) => {
      const path = at('tenants', id ?? (await chosenTenant(options)), 'limits');
      const own = given({
        profile: options.quotas,
        callsPerMinute: options.quotaCalls,
        runningSecondsPerHour: inSeconds(options.quotaHour),
        runningSecondsPerDay: inSeconds(options.quotaDay),
        cpuPercent: options.quotaCpu,
        requestSeconds: inSeconds(options.requestTime),
        maxRows: options.maxRows,
        maxResultBytes: options.maxResult,
      });
      const isChange = Object.keys(own).length > 0;
      if (options.server === true && isChange) throw usageError('--server leaves no limits of its own');
      if (options.server === true) await askDirectory(options, 'DELETE', path);
      else if (isChange) await askDirectory(options, 'PUT', path, own);
      print((await askDirectory(options, 'GET', path)) as Shown, options.json);
    });
}

/** The tenant that calls go to where none is named. Rejects with `CliError` where the server has none. */
async function chosenTenant(options: LimitOptions): Promise<string> {
  const { tenant } = connect(options);
  if (tenant !== undefined) return tenant;
  const tenants = await listDirectory<{ readonly id: string; readonly isDefault: boolean }>(
    options,
    'tenants',
  );
  const own = tenants.find(({ isDefault }) => isDefault);
  if (own === undefined) throw new CliError('NoTenant', 'the server has no tenant of its own: name one');
  return own.id;
}

function inSeconds(amount: Amount | undefined): Amount | undefined {
  return typeof amount === 'number' ? amount / 1000 : amount;
}

function print(shown: Shown, json: boolean | undefined): void {
  if (json === true) {
    process.stdout.write(`${JSON.stringify(shown)}\n`);
    return;
  }
  const { own, standing } = shown;
  const lines = [
    ['profile', standing.profile],
    ['its own', Object.keys(own).join(', ') || 'nothing'],
    ...Object.entries(standing.limits).map(([name, { allowed, used, unit }]) => [
      name,
      `${Math.round(used * 1000) / 1000} of ${allowed ?? 'unlimited'} ${unit}`,
    ]),
    [
      'requestTime',
      standing.requestTimeSeconds === null ? 'unlimited' : `${standing.requestTimeSeconds} seconds`,
    ],
    ['maxRows', String(standing.maxRows)],
    ['maxResult', standing.maxResultBytes === null ? 'unlimited' : `${standing.maxResultBytes} bytes`],
  ];
  for (const [name = '', value = ''] of lines) process.stdout.write(`${name.padEnd(18)}  ${value}\n`);
}
