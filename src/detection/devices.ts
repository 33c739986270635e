import type { RunRuleQuery } from './rule-query.ts';
import { allRows } from './rule-query.ts';

/** What a detection says of its device, from the newest records; '' and empty where there is none. */
export interface DeviceRecord {
  readonly name: string;
  readonly machineGroup: string;
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

/** Records by device id; a device without one is not in it. */
export type Devices = (
  tenant: string,
  ids: readonly string[],
  nowMs: number,
) => Promise<ReadonlyMap<string, DeviceRecord>>;

const BELIEVED_MS = 60_000;
const MOST_KNOWN = 10_000;
const MOST_ASKED = 500;

/** Looks devices up in DeviceInfo and DeviceNetworkInfo; what was found is believed for a minute. */
export function createDevices(query: RunRuleQuery): Devices {
  const known = new Map<string, { readonly record: DeviceRecord | undefined; readonly untilMs: number }>();

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
      const record: DeviceRecord | undefined =
        row === undefined && ips.length === 0
          ? undefined
          : {
              name: text('DeviceName'),
              machineGroup: text('MachineGroup'),
              deviceTags: text('RegistryDeviceTag') === '' ? [] : [text('RegistryDeviceTag')],
              cloudTags: [...listOf(text('DeviceManualTags')), ...listOf(text('DeviceDynamicTags'))],
              loggedOnUsers: usersOf(text('LoggedOnUsers')),
              ipv4: ips.filter((ip) => !ip.includes(':')),
              ipv6: ips.filter((ip) => ip.includes(':')),
              osPlatform: text('OSPlatform'),
              osVersion: text('OSVersionInfo') || text('OSVersion'),
              osBuild: text('OSBuild'),
              aadDeviceId: text('AadDeviceId'),
            };
      known.set(`${tenant}\n${id}`, { record, untilMs: performance.now() + BELIEVED_MS });
    }
  }

  return async (tenant, ids, nowMs) => {
    if (known.size > MOST_KNOWN) known.clear();
    const wanted = [...new Set(ids)].filter((id) => id !== '');
    const stale = wanted.filter((id) => (known.get(`${tenant}\n${id}`)?.untilMs ?? 0) < performance.now());
    for (let at = 0; at < stale.length; at += MOST_ASKED) {
      await lookUp(tenant, stale.slice(at, at + MOST_ASKED), nowMs);
    }
    const records = new Map<string, DeviceRecord>();
    for (const id of wanted) {
      const record = known.get(`${tenant}\n${id}`)?.record;
      if (record !== undefined) records.set(id, record);
    }
    return records;
  };
}

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
  if (text.trimStart().startsWith('[')) return parsedList(text).filter((item) => typeof item === 'string');
  return text
    .split(/[;,]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function parsedList(json: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
