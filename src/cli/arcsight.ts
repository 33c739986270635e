import type { SiemConnection } from './siem.ts';

/**
 * The properties by which ArcSight's REST FlexConnector gets a token.
 * Source: https://learn.microsoft.com/defender-endpoint/configure-arcsight
 */
export function arcSightProperties(told: SiemConnection): string {
  const origin = new URL(told.tokenUrl).origin;
  return lines([
    ['client_id', told.clientId],
    ['client_secret', told.clientSecret],
    ['auth_url', `${origin}/${told.tenant}/oauth2/authorize?resource=${encodeURIComponent(told.resource)}`],
    ['token_url', told.tokenUrl],
    ['redirect_uri', 'https://localhost:44300/wdatpconnector'],
    ['scope', ''],
    ['resource', told.resource],
    ['events_url', `${told.alertsUrl}/?sinceTimeUtc=$START_AT_TIME`],
  ]);
}

/** How its JSON parser reads a detection: the fields in their order, and where each goes. */
export function arcSightParser(): string {
  const tokens = FIELDS.flatMap(([field, type], i) => [
    [`token[${i}].name`, field],
    [`token[${i}].location`, field],
    [`token[${i}].type`, type],
  ]);
  const mappings = FIELDS.flatMap(([field, , key]) => (key === '' ? [] : [[`event.${key}`, field]]));
  return lines([
    ['trigger.node.location', '/'],
    ['token.count', String(FIELDS.length)],
    ...tokens,
    ['event.deviceVendor', '__getVendor("Microsoft")'],
    ['event.deviceProduct', '__stringConstant("Microsoft Defender ATP")'],
    ['event.deviceVersion', '__stringConstant("2.0")'],
    ...mappings,
  ]);
}

/** Source: https://learn.microsoft.com/defender-endpoint/api-portal-mapping (the ArcSight column) */
const FIELDS: readonly (readonly [string, 'String' | 'Integer' | 'Boolean' | 'TimeStamp', string])[] = [
  ['AlertTime', 'TimeStamp', 'deviceReceiptTime'],
  ['AlertTitle', 'String', 'name'],
  ['Category', 'String', 'deviceEventCategory'],
  ['Severity', 'String', 'deviceSeverity'],
  ['AlertId', 'String', 'externalId'],
  ['Actor', 'String', 'deviceCustomString4'],
  ['LinkToWDATP', 'String', 'flexString1'],
  ['Sha1', 'String', 'fileHash'],
  ['FileName', 'String', 'fileName'],
  ['FilePath', 'String', 'filePath'],
  ['IpAddress', 'String', 'sourceAddress'],
  ['Url', 'String', 'requestUrl'],
  ['UserName', 'String', 'sourceUserName'],
  ['UserDomain', 'String', 'sourceNtDomain'],
  ['LogOnUsers', 'String', 'sourceUserId'],
  ['MachineName', 'String', 'sourceHostName'],
  ['MachineDomain', 'String', 'sourceDnsDomain'],
  ['ThreatName', 'String', 'deviceCustomString1'],
  ['Md5', 'String', 'deviceCustomString5'],
  ['Sha256', 'String', 'deviceCustomString6'],
  ['WasExecutingWhileDetected', 'Boolean', 'deviceCustomNumber1'],
  ['RemediationIsSuccess', 'Boolean', 'deviceCustomNumber2'],
  ['Source', 'String', 'sourceServiceName'],
  ['LastProcessedTimeUtc', 'TimeStamp', ''],
];

function lines(properties: readonly (readonly string[])[]): string {
  return properties.map(([name, value]) => `${name}=${value}\n`).join('');
}
