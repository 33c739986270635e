/**
 * DATA: the fields of a detection as a SIEM pulls it, in their order.
 * Source: https://learn.microsoft.com/defender-endpoint/api-portal-mapping and pull-alerts-using-rest-api
 */
export const DETECTION_FIELDS = [
  ['AlertTime', 'time'],
  ['ComputerDnsName', 'text'],
  ['AlertTitle', 'text'],
  ['Category', 'text'],
  ['Severity', 'text'],
  ['AlertId', 'text'],
  ['Actor', 'text'],
  ['LinkToWDATP', 'text'],
  ['IocName', 'text'],
  ['IocValue', 'text'],
  ['CreatorIocName', 'text'],
  ['CreatorIocValue', 'text'],
  ['Sha1', 'text'],
  ['FileName', 'text'],
  ['FilePath', 'text'],
  ['IpAddress', 'text'],
  ['Url', 'text'],
  ['IoaDefinitionId', 'text'],
  ['UserName', 'text'],
  ['AlertPart', 'whole'],
  ['FullId', 'text'],
  ['LastProcessedTimeUtc', 'time'],
  ['ThreatCategory', 'text'],
  ['ThreatFamily', 'text'],
  ['ThreatName', 'text'],
  ['RemediationAction', 'text'],
  ['RemediationIsSuccess', 'flag'],
  ['Source', 'text'],
  ['Md5', 'text'],
  ['Sha256', 'text'],
  ['WasExecutingWhileDetected', 'flag'],
  ['UserDomain', 'text'],
  ['LogOnUsers', 'text'],
  ['MachineDomain', 'text'],
  ['MachineName', 'text'],
  ['InternalIPv4List', 'text'],
  ['InternalIPv6List', 'text'],
  ['FileHash', 'text'],
  ['DeviceID', 'text'],
  ['MachineGroup', 'text'],
  ['Description', 'text'],
  ['DeviceCreatedMachineTags', 'text'],
  ['CloudCreatedMachineTags', 'text'],
  ['CommandLine', 'text'],
  ['IncidentLinkToWDATP', 'text'],
  ['ReportID', 'whole'],
  ['LinkToMTP', 'text'],
  ['IncidentLinkToMTP', 'text'],
  ['ExternalId', 'text'],
  ['IocUniqueId', 'text'],
] as const;

export type DetectionField = (typeof DETECTION_FIELDS)[number][0];
export type FieldKind = (typeof DETECTION_FIELDS)[number][1];

/** A page of this server; its public URL is put before it when it is read. */
export interface OwnLink {
  readonly path: string;
}

export type DetectionValues = Partial<
  Readonly<Record<DetectionField, string | number | boolean | null | OwnLink>>
>;

/** Stands for the public URL in a stored body. JSON text never holds it raw. */
const OWN_URL = '\u0001';

const EMPTY = { time: '""', text: '""', whole: '0', flag: 'null' } as const;

/**
 * The JSON object of a detection, every field in order; what is not given is empty. Brackets inside strings are
 * escaped: a published script cuts the answer at the first of them.
 */
export function printDetection(values: DetectionValues): string {
  const members = DETECTION_FIELDS.map(([name, kind]) => {
    const value = values[name];
    if (value === undefined) return `"${name}":${EMPTY[kind]}`;
    if (typeof value !== 'object' || value === null) return `"${name}":${JSON.stringify(value)}`;
    return `"${name}":"${OWN_URL}${JSON.stringify(value.path).slice(1)}`;
  });
  return escapeBrackets(`{${members.join(',')}}`);
}

/** A stored body as it is sent. */
export function withOwnUrl(body: string, publicUrl: string): string {
  if (!body.includes(OWN_URL)) return body;
  return body.replaceAll(OWN_URL, escapeBrackets(JSON.stringify(publicUrl).slice(1, -1)));
}

function escapeBrackets(json: string): string {
  return json.replaceAll('[', '\\u005b').replaceAll(']', '\\u005d');
}

/** The names in a text of tags, as they are written: with semicolons or commas between. */
export function tagsOf(text: string): readonly string[] {
  return text
    .split(/[;,]/)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}
