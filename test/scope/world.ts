import type { DeviceRule, RankedGroup } from '../../src/model/device-scope.ts';
import type { Random } from './random.ts';

export type Row = Readonly<Record<string, string | number>>;
/** Rows by table. */
export type World = ReadonlyMap<string, readonly Row[]>;

/** 2024-05-06T07:08:09Z, later than every row. */
export const NOW_TICKS = 17_149_792_890_000_000n;
const DAY = '2024-05-05T';
const NAMES = ['pc1', 'pc2', 'PC3', 'srv1', 'srv2', 'lab1', 'lab2'];
const DOMAINS = ['contoso.com', 'Corp.contoso.com', 'fabrikam.org', ''];
const TAGS = ['Finance', 'lab', 'VIP', 'finance-emea', 'Ümlaut'];
const PLATFORMS = ['Windows11', 'Windows10', 'WindowsServer2022', 'Linux', 'macOS'];
const FILES = ['cmd.exe', 'powershell.exe', 'bash', 'evil.exe', 'chrome.exe'];
const USERS = ['alice', 'bob', 'carol', 'system'];
const DEVICE_COUNT = 14;

/**
 * Devices that report several times and are renamed, moved and tagged between; events of them, of devices that never
 * report and of none; alerts whose evidence is on one device, on several or on none.
 */
export function makeWorld(random: Random): World {
  let report = 0;
  const stamp = () => {
    const seconds = random.below(86_400);
    const part = (n: number) => String(n).padStart(2, '0');
    return `${DAY}${part(Math.floor(seconds / 3600))}:${part(Math.floor(seconds / 60) % 60)}:${part(seconds % 60)}.${String(report).padStart(7, '0')}Z`;
  };
  const list = () => (random.percent(50) ? '' : JSON.stringify([random.one(TAGS), random.one(TAGS)]));
  const ids = Array.from({ length: DEVICE_COUNT }, (_, n) =>
    `${(n * 2654435761).toString(16)}`.padStart(40, 'd'),
  );
  const device = () => (random.percent(6) ? '' : random.percent(8) ? 'never-reported' : random.one(ids));
  const common = (id: string) => ({
    Timestamp: stamp(),
    DeviceId: id,
    DeviceName: id === '' ? '' : `host-${id.slice(-3)}`,
    ReportId: ++report,
  });
  const events = (count: number, more: () => Row) =>
    Array.from({ length: count }, (): Row => ({ ...common(device()), ...more() }));

  return new Map<string, readonly Row[]>([
    [
      'DeviceInfo',
      ids.flatMap((id) =>
        Array.from({ length: 1 + random.below(4) }, (): Row => {
          const domain = random.one(DOMAINS);
          return {
            ...common(id),
            DeviceName: `${random.one(NAMES)}${domain === '' ? '' : `.${domain}`}`,
            OSPlatform: random.one(PLATFORMS),
            RegistryDeviceTag: random.percent(70) ? '' : random.one(TAGS),
            DeviceManualTags: list(),
            DeviceDynamicTags: random.percent(10) ? '{"no":"list"}' : list(),
            PublicIP: `10.0.0.${random.below(5)}`,
          };
        }),
      ),
    ],
    [
      'DeviceProcessEvents',
      events(160, () => ({
        ActionType: 'ProcessCreated',
        FileName: random.one(FILES),
        ProcessId: random.below(30),
        ProcessCommandLine: `${random.one(FILES)} /c ${random.one(USERS)}`,
        AccountName: random.one(USERS),
      })),
    ],
    [
      'DeviceNetworkEvents',
      events(120, () => ({
        ActionType: random.one(['ConnectionSuccess', 'ConnectionFailed']),
        RemoteIP: `10.0.0.${random.below(5)}`,
        RemotePort: random.one([80, 443, 8080]),
        InitiatingProcessFileName: random.one(FILES),
      })),
    ],
    [
      'DeviceLogonEvents',
      events(60, () => ({
        ActionType: 'LogonSuccess',
        AccountName: random.one(USERS),
        LogonType: 'Network',
      })),
    ],
    ['DeviceTvmSoftwareInventory', ids.map((DeviceId) => ({ DeviceId, SoftwareName: random.one(FILES) }))],
    [
      'AlertInfo',
      Array.from(
        { length: 24 },
        (_, n): Row => ({
          Timestamp: stamp(),
          AlertId: `alert${n}`,
          Title: `${random.one(FILES)} seen`,
          Severity: random.one(['Low', 'High']),
        }),
      ),
    ],
    [
      'AlertEvidence',
      Array.from({ length: 40 }, (): Row => {
        const id = device();
        return {
          Timestamp: stamp(),
          DeviceId: id,
          DeviceName: '',
          AlertId: `alert${random.below(20)}`,
          EntityType: random.one(['Process', 'User', 'Machine']),
          FileName: random.one(FILES),
          AccountName: random.one(USERS),
        };
      }),
    ],
    [
      'IdentityLogonEvents',
      Array.from(
        { length: 20 },
        (): Row => ({
          Timestamp: stamp(),
          ReportId: String(++report),
          ActionType: 'LogonSuccess',
          AccountName: random.one(USERS),
          DeviceName: random.one(NAMES),
        }),
      ),
    ],
  ]);
}

/** Ranked groups with rules on what the world has; some empty, some taking everything. */
export function makeGroups(random: Random): readonly RankedGroup[] {
  const values: Readonly<Record<DeviceRule['property'], readonly string[]>> = {
    name: ['pc', 'PC1', 'srv', '1', 'lab2', 'contoso'],
    domain: ['contoso.com', 'CORP.contoso.com', 'fabrikam', '.org', 'c'],
    tag: ['finance', 'LAB', 'vip', 'emea', 'ÜMLAUT', 'no'],
    os: ['windows', 'WindowsServer2022', 'linux', '11', 'MACOS'],
  };
  const rule = (): DeviceRule => {
    const property = random.one(['name', 'domain', 'tag', 'os'] as const);
    const operator = random.one(['equals', 'startsWith', 'endsWith', 'contains'] as const);
    return { property, operator, value: random.one(values[property]) };
  };
  return Array.from({ length: 1 + random.below(5) }, () => ({
    rules: random.percent(12) ? [] : Array.from({ length: 1 + random.below(2) }, rule),
    visible: random.percent(50),
  }));
}

/** The rows that a user with these groups sees, worked out without a database. */
export function seenRows(world: World, groups: readonly RankedGroup[]): World {
  const latest = new Map<string, Row>();
  for (const row of world.get('DeviceInfo') ?? []) {
    const known = latest.get(String(row['DeviceId']));
    if (known === undefined || String(row['Timestamp']) > String(known['Timestamp'])) {
      latest.set(String(row['DeviceId']), row);
    }
  }
  const sees = (id: string) =>
    groups.find(({ rules }) => rules.every((rule) => holds(rule, latest.get(id) ?? {})))?.visible === true;
  const evidence = (world.get('AlertEvidence') ?? []).filter((row) => sees(String(row['DeviceId'])));
  const alerts = new Set(evidence.map((row) => row['AlertId']));
  const seen = [...world].map(([table, rows]): [string, readonly Row[]] => [
    table,
    rows.filter((row) => {
      if (table === 'AlertInfo') return alerts.has(row['AlertId']);
      return row['DeviceId'] === undefined || sees(String(row['DeviceId']));
    }),
  ]);
  return new Map(seen);
}

function holds({ property, operator, value }: DeviceRule, row: Row): boolean {
  const wanted = value.toLowerCase();
  return valuesOf(property, row).some((text) => {
    const found = text.toLowerCase();
    if (operator === 'equals') return found === wanted;
    if (operator === 'startsWith') return found.startsWith(wanted);
    return operator === 'endsWith' ? found.endsWith(wanted) : found.includes(wanted);
  });
}

function valuesOf(property: DeviceRule['property'], row: Row): readonly string[] {
  const name = String(row['DeviceName'] ?? '');
  switch (property) {
    case 'name':
      return [name];
    case 'domain':
      return [name.split('.').slice(1).join('.')];
    case 'os':
      return [String(row['OSPlatform'] ?? '')];
    case 'tag':
      return ['RegistryDeviceTag', 'DeviceManualTags', 'DeviceDynamicTags'].flatMap((column) => {
        const text = String(row[column] ?? '');
        if (column === 'RegistryDeviceTag') return [text];
        return text.startsWith('[') ? (JSON.parse(text) as string[]) : [];
      });
  }
}
