import type { DeviceRule } from '../model/device-scope.ts';
import type { Rule, RuleFault } from './rule.ts';
import type { RunRuleQuery } from './rule-query.ts';
import { allRows } from './rule-query.ts';
import { holds, type SeenDevice } from './visible.ts';

/** A group of a tenant's directory: a device is in the first whose rules all hold. */
export interface NamedGroup {
  readonly name: string;
  readonly rules: readonly DeviceRule[];
}

/** The groups of a tenant's directory, highest rank first. */
export type DirectoryGroups = (tenant: string) => Promise<readonly NamedGroup[]>;

/** The name of the group that a device is in; '' where none takes it. */
export function groupOf(groups: readonly NamedGroup[], device: SeenDevice): string {
  return groups.find(({ rules }) => rules.every((rule) => holds(rule, device) === true))?.name ?? '';
}

/** A fault for each name of a rule's `deviceGroups` that neither the directory nor any device of the tenant knows. */
export type CheckGroups = (tenant: string, rule: Rule) => Promise<readonly RuleFault[]>;

export function createCheckGroups(
  query: RunRuleQuery,
  directory: DirectoryGroups,
  nowMs: () => number,
): CheckGroups {
  return async (tenant, { deviceGroups }) => {
    if (deviceGroups.length === 0) return [];
    const known = new Set((await directory(tenant)).map(({ name }) => name.toLowerCase()));
    const others = deviceGroups.filter((name) => !known.has(name.toLowerCase()));
    if (others.length === 0) return [];
    const list = others.map((name) => JSON.stringify(name)).join(', ');
    const text = `DeviceInfo | where MachineGroup in~ (${list}) | distinct MachineGroup`;
    for (const row of await allRows(await query({ tenant, query: text, nowMs: nowMs() }))) {
      known.add(row.text('MachineGroup').toLowerCase());
    }
    return others
      .filter((name) => !known.has(name.toLowerCase()))
      .map((name) => ({
        code: 'UnknownDeviceGroup',
        member: 'deviceGroups',
        message:
          `\`${name}\` is no device group of the tenant's directory, and no device reports it as its ` +
          '`MachineGroup`: name one of these, or make it with `spoor group create`',
      }));
  };
}
