/** A Windows event, in whichever of its JSON forms it came. */
export interface WindowsEvent {
  /** `Sysmon`, `Security`, `PowerShell`, or the channel as it names itself. */
  readonly source: string;
  /** The log and the program that wrote it, as they name themselves; '' where the shipper left them out. */
  readonly channel: string;
  readonly provider: string;
  readonly id: number;
  /** Host name as logged. */
  readonly host: string;
  /** When it happened, as text: the event's own clock before the log's, the log's before the shipper's. */
  readonly time: string;
  /** Record number in its log, decimal digits; '' where the shipper left it out. */
  readonly record: string;
  /** SID of the account that the event was logged under; '' if unknown. */
  readonly sid: string;
  /** Id of the process that wrote the event, decimal; '' if unknown. */
  readonly writerPid: string;
  /** The event's own members. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A member as text: '' where it is missing, null, or the `-` that Windows writes for nothing. */
export function member(event: WindowsEvent, name: string): string {
  return asText(event.data[name]);
}

/**
 * Reads an event in the flat form of event shippers (`Channel`, `EventID`, event data as top-level members) or in the
 * form of the event's XML (`Event.System`, `Event.EventData`), with attributes under `#attributes`, `@` or bare.
 * Undefined: not a Windows event.
 */
export function readWindowsEvent(value: unknown): WindowsEvent | undefined {
  if (!isObject(value)) return undefined;
  const root = isObject(value['Event']) ? value['Event'] : value;
  return isObject(root['System']) ? readNested(root, root['System']) : readFlat(value);
}

function readFlat(value: Readonly<Record<string, unknown>>): WindowsEvent | undefined {
  const id = Number(asText(value['EventID']));
  const channel = asText(value['Channel']);
  const provider = asText(value['SourceName']) || asText(value['ProviderName']);
  if (!Number.isInteger(id) || id < 0 || (channel === '' && provider === '')) return undefined;
  if (asText(value['EventID']) === '') return undefined;
  return {
    source: sourceName(channel, provider),
    channel,
    provider,
    id,
    host: asText(value['Hostname']) || asText(value['Computer']) || asText(value['host']),
    time:
      ownTime(value) ||
      asText(value['TimeCreated']) ||
      asText(value['@timestamp']) ||
      asText(value['EventTime']),
    record: digits(asText(value['RecordNumber']) || asText(value['EventRecordID'])),
    sid: asText(value['UserID']),
    writerPid: digits(asText(value['ExecutionProcessID'])),
    data: value,
  };
}

function readNested(
  root: Readonly<Record<string, unknown>>,
  system: Readonly<Record<string, unknown>>,
): WindowsEvent | undefined {
  const id = Number(asText(system['EventID']));
  if (asText(system['EventID']) === '' || !Number.isInteger(id)) return undefined;
  const data = readData(root['EventData']) ?? readData(root['UserData']) ?? {};
  const [channel, provider] = [asText(system['Channel']), attribute(system['Provider'], 'Name')];
  return {
    source: sourceName(channel, provider),
    channel,
    provider,
    id,
    host: asText(system['Computer']),
    time: ownTime(data) || attribute(system['TimeCreated'], 'SystemTime') || asText(system['TimeCreated']),
    record: digits(asText(system['EventRecordID'])),
    sid: attribute(system['Security'], 'UserID'),
    writerPid: digits(attribute(system['Execution'], 'ProcessID')),
    data,
  };
}

/** Sysmon's `UtcTime`, to the millisecond: when it happened, not when it was written. */
function ownTime(data: Readonly<Record<string, unknown>>): string {
  return asText(data['UtcTime']);
}

/** `{name: value}`, or `{Data: [...]}`, or a list of named values. */
function readData(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const list = Array.isArray(value) ? value : isObject(value) ? value['Data'] : undefined;
  if (!Array.isArray(list)) return isObject(value) ? value : undefined;
  const data: Record<string, unknown> = {};
  for (const item of list) {
    if (!isObject(item)) continue;
    const name = attribute(item, 'Name');
    if (name !== '') data[name] = item['#text'] ?? item['Value'] ?? item['_'] ?? item['content'] ?? '';
  }
  return data;
}

function attribute(value: unknown, name: string): string {
  if (!isObject(value)) return '';
  const attributes = value['#attributes'] ?? value['@attributes'] ?? value['$'];
  if (isObject(attributes)) return asText(attributes[name]);
  return asText(value[name]) || asText(value[`@${name}`]) || asText(value[`#${name}`]);
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value === '-' ? '' : value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (isObject(value)) return asText(value['#text'] ?? value['_']);
  return '';
}

function digits(text: string): string {
  return /^\d{1,18}$/.test(text) ? text : '';
}

const SOURCES: Readonly<Record<string, string>> = {
  'microsoft-windows-sysmon/operational': 'Sysmon',
  'microsoft-windows-powershell/operational': 'PowerShell',
  security: 'Security',
};

/** The log that a provider writes to, for events that came without their channel. */
const PROVIDERS: Readonly<Record<string, string>> = {
  'microsoft-windows-sysmon': 'Sysmon',
  'microsoft-windows-powershell': 'PowerShell',
  'microsoft-windows-security-auditing': 'Security',
};

function sourceName(channel: string, provider: string): string {
  const source = SOURCES[channel.toLowerCase()];
  const own = PROVIDERS[provider.toLowerCase()];
  // Other programs write to the Security log under numbers of their own.
  if (source === 'Security' && provider !== '' && own === undefined) return channel;
  return source ?? (channel === '' ? (own ?? provider) : channel);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
