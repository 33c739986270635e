import type { UserRole } from './user-roles.ts';

/** An API as consent knows it: one agreement holds for every spelling of its address. */
export type Api = 'defender' | 'siem' | 'graph' | 'kusto' | 'spoor';

interface ScopeEntry {
  /** For the consent page, after "It will be able to". */
  readonly allows: string;
  readonly apis: readonly Api[];
  /** What the user must hold for the scope to have an effect; undefined: nothing. */
  readonly needs: UserRole | undefined;
}

const DATA = (allows: string, apis: readonly Api[]): ScopeEntry => ({ allows, apis, needs: 'view-data' });
const CHANGE = (allows: string, apis: readonly Api[]): ScopeEntry => ({
  allows,
  apis,
  needs: 'manage-alerts',
});
const HUNT: readonly Api[] = ['defender', 'kusto', 'spoor'];
const DEFENDER: readonly Api[] = ['defender', 'spoor'];
const GRAPH: readonly Api[] = ['graph', 'spoor'];

/**
 * DATA: the delegated permissions that a user can give an application, without those of sign-in itself.
 * Source: https://learn.microsoft.com/defender-xdr/api-create-app-user-context, .../defender-endpoint/api/exposed-apis-list,
 * https://learn.microsoft.com/graph/permissions-reference
 */
export const SCOPES = {
  'AdvancedHunting.Read': DATA('run hunting queries in your name', HUNT),
  'AdvancedQuery.Read': DATA('run hunting queries in your name, through the endpoint API', HUNT),
  'ThreatHunting.Read.All': DATA('run hunting queries in your name, through Graph', [...GRAPH, 'kusto']),
  'Alert.Read': DATA('read the alerts that you can see', [...DEFENDER, 'siem']),
  'Alert.ReadWrite': CHANGE('read and change the alerts that you can see', DEFENDER),
  'Incident.Read': DATA('read the incidents that you can see', DEFENDER),
  'Incident.ReadWrite': CHANGE('read and change the incidents that you can see', DEFENDER),
  'CustomDetection.Read': DATA('read detection rules', DEFENDER),
  'CustomDetection.ReadWrite': CHANGE('read and change detection rules', DEFENDER),
  'Machine.Read': DATA('read the devices that you can see', DEFENDER),
  'SecurityAlert.Read.All': DATA('read the alerts that you can see, through Graph', GRAPH),
  'SecurityIncident.Read.All': DATA('read the incidents that you can see, through Graph', GRAPH),
  'User.Read': { allows: 'read your own profile', apis: ['graph'], needs: undefined },
  user_impersonation: DATA('use the service in your name', ['siem', 'kusto']),
} as const satisfies Readonly<Record<string, ScopeEntry>>;

export type Scope = keyof typeof SCOPES;

const ENTRIES: Readonly<Record<string, ScopeEntry>> = SCOPES;

/** The scope with this name in any case, where the API has it. */
export function scopeOf(api: Api, name: string): Scope | undefined {
  const found = Object.entries(ENTRIES).find(
    ([known, { apis }]) => known.toLowerCase() === name.toLowerCase() && apis.includes(api),
  );
  return found?.[0] as Scope | undefined;
}

export function scopeEntry(name: string): ScopeEntry | undefined {
  return Object.hasOwn(ENTRIES, name) ? ENTRIES[name] : undefined;
}

/** Sign-in itself: not bound to an API, and agreed to by signing in. */
export const SIGN_IN_SCOPES = ['openid', 'profile', 'email', 'offline_access'] as const;
export type SignInScope = (typeof SIGN_IN_SCOPES)[number];

export function isSignInScope(name: string): name is SignInScope {
  return SIGN_IN_SCOPES.some((known) => known === name);
}
