import { type Condition, readCondition } from '../../../src/detection/sigma/condition.ts';
import type { FieldTest, Search, SigmaRule, Value } from '../../../src/detection/sigma/rule.ts';

/**
 * Sigma on the event itself, as its specification reads, with no table in between: what a converted rule is held
 * against. Wildcards become a plain JavaScript expression; fields are the event's own members.
 */
export type Event = Readonly<Record<string, string>>;

export function matchesRule(rule: SigmaRule, event: Event): boolean {
  const names = [...rule.searches.keys()];
  return rule.conditions.some((text) => holds(readCondition(text, names), rule, event));
}

function holds(condition: Condition, rule: SigmaRule, event: Event): boolean {
  switch (condition.kind) {
    case 'search':
      return found(rule.searches.get(condition.name) as Search, event);
    case 'not':
      return !holds(condition.part, rule, event);
    case 'and':
      return condition.parts.every((part) => holds(part, rule, event));
    case 'or':
      return condition.parts.some((part) => holds(part, rule, event));
  }
}

function found(search: Search, event: Event): boolean {
  switch (search.kind) {
    case 'all':
      return search.parts.every((part) => found(part, event));
    case 'any':
      return search.parts.some((part) => found(part, event));
    case 'words': {
      const all = Object.values(event).join('\n');
      const test = (value: Value) => wildcard(String(value), '.*', '.*').test(all);
      return search.all ? search.values.every(test) : search.values.some(test);
    }
    case 'test':
      return passes(search.test, event);
  }
}

function passes({ field, modifiers, values }: FieldTest, event: Event): boolean {
  const actual = event[field];
  const has = (name: string) => modifiers.includes(name);
  if (has('exists')) return (actual !== undefined && actual !== '') === (String(values[0]) === 'true');
  const test = (value: Value): boolean => {
    if (value === null) return actual === undefined || actual === '';
    if (actual === undefined) return false;
    if (has('re'))
      return new RegExp(
        String(value).replace('(?i)', ''),
        /\(\?i\)/.test(String(value)) || has('i') ? 'is' : 's',
      ).test(actual);
    if (has('cidr')) return inNetwork(actual, String(value));
    if (has('fieldref')) return (event[String(value)] ?? '').toLowerCase() === actual.toLowerCase();
    return variants(String(value), has).some((text) => {
      if (has('contains') || has('base64offset')) return wildcard(text, '.*', '.*').test(actual);
      if (has('startswith')) return wildcard(text, '', '.*').test(actual);
      if (has('endswith')) return wildcard(text, '.*').test(actual);
      return wildcard(text).test(actual);
    });
  };
  return has('all') ? values.every(test) : values.some(test);
}

function variants(value: string, has: (name: string) => boolean): readonly string[] {
  if (has('base64offset')) {
    return [0, 1, 2].map((offset) => {
      const encoded = Buffer.from(' '.repeat(offset) + value).toString('base64');
      const end = [undefined, -3, -2][(offset + Buffer.byteLength(value)) % 3];
      return encoded.slice([0, 2, 3][offset], end);
    });
  }
  if (!has('windash')) return [value];
  return ['-', '/', '\u2013', '\u2014', '\u2015'].flatMap((dash) => [
    value.replace(/(?<!\w)[-/](?=\w)/, dash),
    value.replace(/(?<!\w)[-/](?=\w)/g, dash),
  ]);
}

/** The whole text, or with anything before and behind it. */
function wildcard(value: string, before = '', behind = ''): RegExp {
  const key = `${before} ${behind} ${value}`;
  const known = patterns.get(key) ?? makePattern(value, before, behind);
  patterns.set(key, known);
  return known;
}

const patterns = new Map<string, RegExp>();

function makePattern(value: string, before: string, behind: string): RegExp {
  let source = '';
  for (let i = 0; i < value.length; i++) {
    const char = value[i] as string;
    const next = value[i + 1] ?? '';
    if (char === '\\' && next !== '' && '*?\\'.includes(next)) {
      source += `\\${next}`;
      i++;
    } else if (char === '*') source += '.*';
    else if (char === '?') source += '.';
    else source += char.replace(/[.+^${}()|[\]\\]/, '\\$&');
  }
  return new RegExp(`^${before}${source}${behind}$`, 'is');
}

function inNetwork(address: string, network: string): boolean {
  const [base = '', bits = '32'] = network.split('/');
  if (network.includes(':') || address.includes(':')) return ipv6InNetwork(address, base, Number(bits));
  const number = (text: string) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  return Math.floor(number(address) / size) === Math.floor(number(base) / size);
}

function ipv6InNetwork(address: string, base: string, bits: number): boolean {
  if (!address.includes(':') || !base.includes(':')) return false;
  const expand = (text: string): bigint => {
    const [head = '', tail] = text.split('::');
    const left = head.split(':').filter((part) => part !== '');
    const right = (tail ?? '').split(':').filter((part) => part !== '');
    const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
    return [...left, ...zeros, ...right].reduce((sum, part) => (sum << 16n) + BigInt(`0x${part}`), 0n);
  };
  const shift = BigInt(128 - bits);
  return expand(address) >> shift === expand(base) >> shift;
}

const SYSMON = 'Microsoft-Windows-Sysmon/Operational';

/**
 * An event of the Security log with the names that the rules of its category use, as Sigma's converters map them for
 * Windows auditing.
 */
export function withCategoryNames(event: Event): Event {
  if ((event['Channel'] ?? '').toLowerCase() !== 'security') return event;
  if (event['EventID'] === '4688') {
    const isTarget = (event['TargetUserName'] ?? '-') !== '-';
    const user = isTarget
      ? `${event['TargetDomainName']}\\${event['TargetUserName']}`
      : `${event['SubjectDomainName']}\\${event['SubjectUserName']}`;
    return {
      ...event,
      Image: event['NewProcessName'] ?? '',
      ParentImage: event['ParentProcessName'] ?? '',
      User: user,
      IntegrityLevel: LEVELS[event['MandatoryLabel'] ?? ''] ?? '',
    };
  }
  if (event['EventID'] === '5156') {
    return {
      ...event,
      Image: event['Application'] ?? '',
      Initiated: event['Direction'] === '%%14592' ? 'false' : 'true',
      SourceIp: event['SourceAddress'] ?? '',
      DestinationIp: event['DestAddress'] ?? '',
      DestinationPort: event['DestPort'] ?? '',
    };
  }
  return event;
}

/** Source: https://learn.microsoft.com/windows/win32/secauthz/well-known-sids */
const LEVELS: Readonly<Record<string, string>> = {
  'S-1-16-4096': 'Low',
  'S-1-16-8192': 'Medium',
  'S-1-16-12288': 'High',
  'S-1-16-16384': 'System',
};

/** Which events of Windows a category means: the channel and the numbers, and what the Security log tells of the same. */
const CATEGORY_EVENTS: Readonly<
  Record<string, readonly [log: string, ids: readonly number[], audit?: readonly [string, number]]>
> = {
  process_creation: [SYSMON, [1], ['security', 4688]],
  network_connection: [SYSMON, [3], ['security', 5156]],
  driver_load: [SYSMON, [6]],
  image_load: [SYSMON, [7]],
  create_remote_thread: [SYSMON, [8]],
  process_access: [SYSMON, [10]],
  file_event: [SYSMON, [11]],
  registry_event: [SYSMON, [12, 13, 14]],
  registry_add: [SYSMON, [12]],
  registry_delete: [SYSMON, [12]],
  registry_set: [SYSMON, [13]],
  create_stream_hash: [SYSMON, [15]],
  pipe_created: [SYSMON, [17, 18]],
  wmi_event: [SYSMON, [19, 20, 21]],
  dns_query: [SYSMON, [22]],
  file_delete: [SYSMON, [23, 26]],
  file_executable_detected: [SYSMON, [29]],
  ps_script: ['Microsoft-Windows-PowerShell/Operational', [4104]],
  ps_module: ['Microsoft-Windows-PowerShell/Operational', [4103]],
  ps_classic_start: ['Windows PowerShell', [400]],
};

/** True where the log source of the rule takes the event in; undefined for a log source that is not known here. */
export function isOfSource(rule: SigmaRule, event: Event): boolean | undefined {
  const { category, service } = rule.logsource;
  const channel = (event['Channel'] ?? '').toLowerCase();
  if (category !== '') {
    const [log, ids, audit] = CATEGORY_EVENTS[category] ?? [];
    if (log === undefined || ids === undefined) return undefined;
    if (audit !== undefined && channel === audit[0] && Number(event['EventID']) === audit[1]) return true;
    if (channel !== log.toLowerCase() || !ids.includes(Number(event['EventID']))) return false;
    const action = event['EventType'] ?? '';
    if (category === 'registry_add') return action === 'CreateKey';
    if (category === 'registry_delete') return action.startsWith('Delete');
    return true;
  }
  const logs: Readonly<Record<string, string>> = {
    security: 'security',
    system: 'system',
    application: 'application',
    windefend: 'microsoft-windows-windows defender/operational',
    taskscheduler: 'microsoft-windows-taskscheduler/operational',
    wmi: 'microsoft-windows-wmi-activity/operational',
    'bits-client': 'microsoft-windows-bits-client/operational',
    'powershell-classic': 'windows powershell',
    'firewall-as': 'microsoft-windows-windows firewall with advanced security/firewall',
  };
  const log = logs[service];
  return log === undefined ? undefined : channel === log;
}
