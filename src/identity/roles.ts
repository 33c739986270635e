/**
 * DATA: the application permissions that can be granted, and what each allows.
 * Source: https://learn.microsoft.com/defender-xdr/api-supported and defender-endpoint/api/exposed-apis-list;
 * `Events.Write.All` is this server's own.
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
  'Events.Write.All': 'send events in',
} as const satisfies Readonly<Record<string, string>>;

export type Role = keyof typeof ROLES;

export function isRole(text: string): text is Role {
  return Object.hasOwn(ROLES, text);
}

/** What a call needs: the application's role, or for a user's token one of the delegated permissions. */
export interface Permission {
  readonly role: Role;
  readonly scope: string | undefined;
}

export const HUNT: Permission = { role: 'AdvancedHunting.Read.All', scope: 'AdvancedHunting.Read' };
export const INGEST: Permission = { role: 'Events.Write.All', scope: undefined };
