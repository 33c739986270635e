import type { Command } from 'commander';
import { askDirectory, at, type DirectoryOptions, given, printEntry } from './directory-call.ts';
import { addList, type RecordKind } from './record-commands.ts';
import { addTenantLimits } from './tenant-limits.ts';

interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly domains: readonly string[];
  readonly isDefault: boolean;
}

/** `spoor tenant create|list|add-domain|remove-domain|limits` */
export function addTenant(program: Command, common: (command: Command) => Command): void {
  const tenant = program.command('tenant').description('tenants of the server');
  common(tenant.command('create'))
    .description('make a tenant; nothing happens where it is there')
    .option('--id <guid>', 'its id (default: a new one)')
    .option('--name <name>', 'a name for people')
    .option('--domain <domain>', 'its first domain')
    .option('--json', 'print one line of JSON')
    .action(async (options: DirectoryOptions & { id?: string; name?: string; domain?: string }) => {
      const { id, name, domain } = options;
      const made = await askDirectory(options, 'POST', 'tenants', given({ id, name, domain }));
      printEntry(made as object, options.json);
    });
  const kind: RecordKind = { command: tenant, common, path: () => 'tenants' };
  addList(kind, 'id, name, domains', ({ id, name, domains, isDefault }: Tenant) => [
    id,
    name,
    domains.join(','),
    isDefault ? 'default' : '',
  ]);
  common(tenant.command('add-domain'))
    .description('a domain more')
    .argument('<id>', 'id or domain of the tenant')
    .argument('<domain>')
    .action(async (id: string, domain: string, options: DirectoryOptions) => {
      await askDirectory(options, 'POST', `${at('tenants', id)}/domains`, { domain });
      process.stdout.write(`${domain} is added\n`);
    });
  common(tenant.command('remove-domain'))
    .description('take a domain away; the first one stays')
    .argument('<id>', 'id or domain of the tenant')
    .argument('<domain>')
    .action(async (id: string, domain: string, options: DirectoryOptions) => {
      await askDirectory(options, 'DELETE', at('tenants', id, 'domains', domain));
      process.stdout.write(`${domain} is removed\n`);
    });
  addTenantLimits(tenant, common);
}
