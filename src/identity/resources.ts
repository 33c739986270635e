import type { Api } from './scopes.ts';
import { isOwnUrl, type ServerAddress } from './server-address.ts';

/** The API families that a token can open. */
export type ApiFamily = 'hunting' | 'endpoint' | 'incidents' | 'ingest' | 'siem' | 'graph' | 'kusto';

export interface Resource {
  /** Without a trailing slash; an audience is compared without regard to case and trailing slashes. */
  readonly uri: string;
  readonly opens: readonly ApiFamily[];
  readonly note: string;
}

const DEFENDER: readonly ApiFamily[] = ['hunting', 'endpoint', 'incidents', 'ingest'];

/** Names the API's own application id: asked for at the v2.0 endpoint it gives a token of version 2.0. */
const DEFENDER_XDR_APP = '8ee8fdad-f234-4243-8f3b-15c294843740';
const DEFENDER_ENDPOINT_APP = 'fc780465-2017-40d4-a0c5-307022471b92';

const GEOGRAPHIES = ['us', 'eu', 'uk', 'au', 'swa', 'ina', 'aea'];

/**
 * DATA: what can be asked of the token endpoint, and which APIs the token then opens. Everything else is refused,
 * when the token is asked for and again when it is used.
 * Sources: https://learn.microsoft.com/defender-xdr/api-advanced-hunting and api-create-app-web,
 * https://learn.microsoft.com/defender-endpoint/api/exposed-apis-create-app-webapp, and what public clients send.
 */
export const RESOURCES: readonly Resource[] = [
  { uri: 'https://api.security.microsoft.com', opens: DEFENDER, note: 'Microsoft Defender XDR' },
  ...GEOGRAPHIES.map((geo) => ({
    uri: `https://${geo}.api.security.microsoft.com`,
    opens: DEFENDER,
    note: 'Microsoft Defender XDR, one geography',
  })),
  ...['us', 'eu', 'uk'].map((geo) => ({
    uri: `https://api-${geo}.security.microsoft.com`,
    opens: DEFENDER,
    note: 'Microsoft Defender XDR, one geography, older name',
  })),
  { uri: 'https://security.microsoft.com/mtp', opens: DEFENDER, note: 'Microsoft Threat Protection' },
  { uri: DEFENDER_XDR_APP, opens: DEFENDER, note: 'application id of Microsoft Threat Protection' },
  { uri: 'https://api.securitycenter.microsoft.com', opens: DEFENDER, note: 'Defender for Endpoint' },
  {
    uri: 'https://api.securitycenter.windows.com',
    opens: DEFENDER,
    note: 'Defender for Endpoint, older name',
  },
  ...['us', 'eu', 'uk'].map((geo) => ({
    uri: `https://api-${geo}.securitycenter.microsoft.com`,
    opens: DEFENDER,
    note: 'Defender for Endpoint, one geography',
  })),
  {
    uri: 'https://securitycenter.onmicrosoft.com/windowsatpservice',
    opens: DEFENDER,
    note: 'Defender for Endpoint, identifier URI of its application',
  },
  { uri: DEFENDER_ENDPOINT_APP, opens: DEFENDER, note: 'application id of WindowsDefenderATP' },
  { uri: 'https://graph.windows.net', opens: ['siem'], note: 'SIEM detections' },
  {
    uri: 'https://wdatpalertexport.seville.onmicrosoft.com',
    opens: ['siem'],
    note: 'SIEM detections before 2018',
  },
  { uri: 'https://graph.microsoft.com', opens: ['graph'], note: 'Microsoft Graph security' },
  { uri: 'https://kusto.kusto.windows.net', opens: ['kusto'], note: 'Kusto clients' },
  {
    uri: 'https://management.core.windows.net',
    opens: ['kusto'],
    note: 'Kusto clients that ask for Azure itself',
  },
];

/** What the server's own URL opens, with its port or without one: clients derive it from the URL a user typed in. */
export const OWN_URL_OPENS: readonly ApiFamily[] = [...DEFENDER, 'graph', 'kusto'];

const BY_KEY: ReadonlyMap<string, Resource> = new Map(
  RESOURCES.map((resource) => [keyOf(resource.uri), resource]),
);

function keyOf(audience: string): string {
  return audience
    .toLowerCase()
    .replace(/^api:\/\//, '')
    .replace(/\/+$/, '');
}

/** The APIs that this audience or asked-for resource opens; undefined when it is not one of ours. */
export function familiesOf(audience: string, address: ServerAddress): readonly ApiFamily[] | undefined {
  return BY_KEY.get(keyOf(audience))?.opens ?? (isOwnUrl(address, audience) ? OWN_URL_OPENS : undefined);
}

/** The API that this resource is a spelling of, as consent knows it; undefined when it is not one of ours. */
export function apiOf(resource: string, address: ServerAddress): Api | undefined {
  const opens = BY_KEY.get(keyOf(resource))?.opens;
  if (opens === undefined) return isOwnUrl(address, resource) ? 'spoor' : undefined;
  if (opens.includes('hunting')) return 'defender';
  return (['siem', 'graph', 'kusto'] as const).find((api) => opens.includes(api));
}

/** True when the resource is an API's application id rather than a URI. */
export function isApplicationId(resource: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(keyOf(resource));
}
