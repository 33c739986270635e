/**
 * DATA: the application permissions that can be granted, and what each allows.
 * Source: https://learn.microsoft.com/defender-xdr/api-supported and defender-endpoint/api/exposed-apis-list;
 * `Events.Write.All` and `Detections.Write.All` are this server's own.
 */
export const ROLES = {
  'AdvancedHunting.Read.All': 'run hunting queries',
  'AdvancedQuery.Read.All': 'run hunting queries through the Defender for Endpoint API',
  'Alert.Read.All': 'read alerts',
  'Alert.ReadWrite.All': 'read and change alerts',
  'Incident.Read.All': 'read incidents',
  'Incident.ReadWrite.All': 'read and change incidents',
  'Machine.Read.All': 'read devices',
  'ThreatHunting.Read.All': 'run hunting queries through Microsoft Graph',
  'SecurityAlert.Read.All': 'read alerts through Microsoft Graph',
  'SecurityIncident.Read.All': 'read incidents through Microsoft Graph',
  'CustomDetection.Read.All': 'read detection rules',
  'CustomDetection.ReadWrite.All': 'read and change detection rules',
  'Events.Write.All': 'send events in',
  'Detections.Write.All': 'send detections of other products in',
} as const satisfies Readonly<Record<string, string>>;

export type Role = keyof typeof ROLES;

/** What a call needs: the application's role, or for a user's token one of the delegated permissions. */
export interface Permission {
  readonly role: Role;
  readonly scope: string | undefined;
}

export const HUNT: Permission = { role: 'AdvancedHunting.Read.All', scope: 'AdvancedHunting.Read' };
/** The Defender for Endpoint API. */
export const HUNT_ENDPOINT: Permission = { role: 'AdvancedQuery.Read.All', scope: 'AdvancedQuery.Read' };
/** Microsoft Graph, whose delegated permission has the same name. */
export const HUNT_GRAPH: Permission = { role: 'ThreatHunting.Read.All', scope: 'ThreatHunting.Read.All' };
export const INGEST: Permission = { role: 'Events.Write.All', scope: undefined };
export const WRITE_DETECTIONS: Permission = { role: 'Detections.Write.All', scope: undefined };

/** Either of them; the first is named in a refusal. */
export type EitherPermission = readonly [Permission, ...Permission[]];

function readOrWrite(kind: 'Alert' | 'Incident' | 'CustomDetection'): {
  readonly read: EitherPermission;
  readonly write: EitherPermission;
} {
  const read: Permission = { role: `${kind}.Read.All`, scope: `${kind}.Read` };
  const write: Permission = { role: `${kind}.ReadWrite.All`, scope: `${kind}.ReadWrite` };
  return { read: [read, write], write: [write] };
}

/** Kusto's interface has no permission of its own. */
export const HUNT_ANYWHERE: EitherPermission = [HUNT, HUNT_ENDPOINT, HUNT_GRAPH];

export const ALERTS = readOrWrite('Alert');
export const INCIDENTS = readOrWrite('Incident');
export const RULES = readOrWrite('CustomDetection');
