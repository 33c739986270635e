import { type DirectoryGroups, groupOf, type NamedGroup } from './device-groups.ts';
import type { RunRuleQuery } from './rule-query.ts';
import { allRows } from './rule-query.ts';

/** What a detection says of its device, from the newest records; '' and empty where there is none. */
export interface DeviceRecord {
  readonly name: string;
  /** The directory's group of the device; where none takes it, the reported one. */
  readonly machineGroup: string;
  /** What telemetry calls its group: `MachineGroup` of DeviceInfo. */
  readonly reportedGroup: string;
  readonly deviceTags: readonly string[];
  readonly cloudTags: readonly string[];
  /** `dom\u1; dom\u2` */
  readonly loggedOnUsers: string;
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  readonly osPlatform: string;
  readonly osVersion: string;
  readonly osBuild: string;
  readonly aadDeviceId: string;
}

/** Records by device id; a device of which nothing is known is not in it. */
export type Devices = (
  tenant: string,
  ids: readonly string[],
  nowMs: number,
) => Promise<ReadonlyMap<string, DeviceRecord>>;

const BELIEVED_MS = 60_000;
const MOST_KNOWN = 10_000;
const MOST_ASKED = 500;

/** A device as it reports itself, and what the rules of groups may compare. */
interface Report {
  readonly record: DeviceRecord;
  /** Those of JSON arrays alone, as in the groups of users: anything else is no tag there. */
  readonly tags: readonly string[];
}

/**
 * Looks devices up in DeviceInfo and DeviceNetworkInfo; what was found is believed for a minute. The directory is asked
 * each time.
 */
export function createDevices(query: RunRuleQuery, directory: DirectoryGroups): Devices {
  const known = new Map<string, { readonly report: Report | undefined; readonly untilMs: number }>();

  async function lookUp(tenant: string, ids: readonly string[], nowMs: number): Promise<void> {
    const list = ids.map((id) => JSON.stringify(id)).join(', ');
    const [infos, networks] = await Promise.all(
      [INFO, NETWORKS].map(async (text) =>
        allRows(await query({ tenant, query: text.replace('LIST', list), nowMs })),
      ),
    );
    const addresses = new Map<string, string[]>();
    for (const row of networks ?? []) {
      const id = row.text('DeviceId');
      addresses.set(id, [...(addresses.get(id) ?? []), ...addressesOf(row.text('IPAddresses'))]);
    }
    const found = new Map((infos ?? []).map((row) => [row.text('DeviceId'), row]));
    for (const id of ids) {
      const row = found.get(id);
      const ips = [...new Set(addresses.get(id) ?? [])];
      const text = (column: string) => row?.text(column) ?? '';
      const deviceTags = text('RegistryDeviceTag') === '' ? [] : [text('RegistryDeviceTag')];
      const lists = [text('DeviceManualTags'), text('DeviceDynamicTags')];
      const record: DeviceRecord = {
        name: text('DeviceName'),
        machineGroup: text('MachineGroup'),
        reportedGroup: text('MachineGroup'),
        deviceTags,
        cloudTags: lists.flatMap(listOf),
        loggedOnUsers: usersOf(text('LoggedOnUsers')),
        ipv4: ips.filter((ip) => !ip.includes(':')),
        ipv6: ips.filter((ip) => ip.includes(':')),
        osPlatform: text('OSPlatform'),
        osVersion: text('OSVersionInfo') || text('OSVersion'),
        osBuild: text('OSBuild'),
        aadDeviceId: text('AadDeviceId'),
      };
      const tags = [...deviceTags, ...lists.flatMap(textsOf)];
      const report = row === undefined && ips.length === 0 ? undefined : { record, tags };
      known.set(`${tenant}\n${id}`, { report, untilMs: performance.now() + BELIEVED_MS });
    }
  }

  return async (tenant, ids, nowMs) => {
    if (known.size > MOST_KNOWN) known.clear();
    const wanted = [...new Set(ids)].filter((id) => id !== '');
    const stale = wanted.filter((id) => (known.get(`${tenant}\n${id}`)?.untilMs ?? 0) < performance.now());
    for (let at = 0; at < stale.length; at += MOST_ASKED) {
      await lookUp(tenant, stale.slice(at, at + MOST_ASKED), nowMs);
    }
    const groups = wanted.length === 0 ? [] : await directory(tenant);
    const records = new Map<string, DeviceRecord>();
    for (const id of wanted) {
      const record = grouped(groups, id, known.get(`${tenant}\n${id}`)?.report);
      if (record !== undefined) records.set(id, record);
    }
    return records;
  };
}

/** A device that never reported is in the group that takes every device. */
function grouped(
  groups: readonly NamedGroup[],
  id: string,
  report: Report | undefined,
): DeviceRecord | undefined {
  const { record, tags } = report ?? UNREPORTED;
  const group = groupOf(groups, { id, name: record.name, osPlatform: record.osPlatform, tags });
  if (group !== '') return { ...record, machineGroup: group };
  return report?.record;
}

const UNREPORTED: Report = {
  record: {
    name: '',
    machineGroup: '',
    reportedGroup: '',
    deviceTags: [],
    cloudTags: [],
    loggedOnUsers: '',
    ipv4: [],
    ipv6: [],
    osPlatform: '',
    osVersion: '',
    osBuild: '',
    aadDeviceId: '',
  },
  tags: [],
};

const INFO = `DeviceInfo | where DeviceId in (LIST) | summarize arg_max(Timestamp, DeviceName, MachineGroup,
RegistryDeviceTag, DeviceManualTags, DeviceDynamicTags, LoggedOnUsers, OSPlatform, OSVersion, OSVersionInfo, OSBuild,
AadDeviceId) by DeviceId`;
const NETWORKS = `DeviceNetworkInfo | where DeviceId in (LIST)
| summarize arg_max(Timestamp, IPAddresses) by DeviceId, NetworkAdapterName`;

/** JSON of `[{"IPAddress": "10.0.0.4", ...}]`. */
function addressesOf(json: string): readonly string[] {
  return parsedList(json).flatMap((item) => {
    const address = typeof item === 'string' ? item : (item as { IPAddress?: unknown } | null)?.IPAddress;
    return typeof address === 'string' && address !== '' ? [address] : [];
  });
}

/** JSON of `[{"UserName": "kim", "DomainName": "EXAMPLE", ...}]`. */
function usersOf(json: string): string {
  const names = parsedList(json).flatMap((item) => {
    const user = (item ?? {}) as { UserName?: unknown; DomainName?: unknown };
    if (typeof user.UserName !== 'string' || user.UserName === '') return [];
    const domain = typeof user.DomainName === 'string' ? user.DomainName : '';
    return [domain === '' ? user.UserName : `${domain}\\${user.UserName}`];
  });
  return names.join('; ');
}

/** A JSON array of texts, or texts with commas between. */
function listOf(text: string): readonly string[] {
  if (text.trimStart().startsWith('[')) return textsOf(text);
  return text
    .split(/[;,]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function textsOf(json: string): readonly string[] {
  return parsedList(json).filter((item) => typeof item === 'string');
}

function parsedList(json: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
