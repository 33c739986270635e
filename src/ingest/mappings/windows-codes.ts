/** Codes that Windows writes, and the words that the hunting tables use for them. */

/** https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/event-4624 */
export const LOGON_TYPES: Readonly<Record<string, string>> = {
  '0': 'System',
  '2': 'Interactive',
  '3': 'Network',
  '4': 'Batch',
  '5': 'Service',
  '7': 'Unlock',
  '8': 'NetworkCleartext',
  '9': 'NewCredentials',
  '10': 'RemoteInteractive',
  '11': 'CachedInteractive',
  '12': 'CachedRemoteInteractive',
  '13': 'CachedUnlock',
};

/** NTSTATUS of a refused logon: https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/event-4625 */
export const LOGON_FAILURES: Readonly<Record<string, string>> = {
  '0xc000005e': 'NoLogonServers',
  '0xc0000064': 'InvalidUserNameOrPassword',
  '0xc000006a': 'InvalidUserNameOrPassword',
  '0xc000006d': 'InvalidUserNameOrPassword',
  '0xc000006e': 'AccountRestriction',
  '0xc000006f': 'InvalidLogonHours',
  '0xc0000070': 'InvalidWorkstation',
  '0xc0000071': 'PasswordExpired',
  '0xc0000072': 'AccountDisabled',
  '0xc00000dc': 'InvalidServerState',
  '0xc0000133': 'TimeDifferenceAtDomainController',
  '0xc000015b': 'LogonTypeNotGranted',
  '0xc000018c': 'TrustedDomainFailure',
  '0xc0000192': 'NetlogonNotStarted',
  '0xc0000193': 'AccountExpired',
  '0xc0000224': 'PasswordMustChange',
  '0xc0000234': 'AccountLockedOut',
  '0xc00002ee': 'UnknownLogonError',
  '0xc0000413': 'AuthenticationFirewallFailed',
};

/** https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/event-4688 */
export const TOKEN_ELEVATIONS: Readonly<Record<string, string>> = {
  '%%1936': 'TokenElevationTypeDefault',
  '%%1937': 'TokenElevationTypeFull',
  '%%1938': 'TokenElevationTypeLimited',
};

/** Mandatory labels: https://learn.microsoft.com/windows/win32/secauthz/well-known-sids */
export const INTEGRITY_LABELS: Readonly<Record<string, string>> = {
  'S-1-16-0': 'Untrusted',
  'S-1-16-4096': 'Low',
  'S-1-16-8192': 'Medium',
  'S-1-16-8448': 'Medium',
  'S-1-16-12288': 'High',
  'S-1-16-16384': 'System',
  'S-1-16-20480': 'System',
};

/** https://www.iana.org/assignments/protocol-numbers */
export const PROTOCOLS: Readonly<Record<string, string>> = {
  '1': 'Icmp',
  '2': 'Igmp',
  '6': 'Tcp',
  '17': 'Udp',
  '47': 'Gre',
  '58': 'Icmp',
  tcp: 'Tcp',
  udp: 'Udp',
};

/** Sysmon's `EventType` of registry events: https://learn.microsoft.com/sysinternals/downloads/sysmon */
export const REGISTRY_ACTIONS: Readonly<Record<string, string>> = {
  CreateKey: 'RegistryKeyCreated',
  DeleteKey: 'RegistryKeyDeleted',
  CreateValue: 'RegistryValueSet',
  DeleteValue: 'RegistryValueDeleted',
  SetValue: 'RegistryValueSet',
  RenameKey: 'RegistryKeyRenamed',
  RenameValue: 'RegistryKeyRenamed',
};

/** Start types of services: https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-createservicew */
export const SERVICE_STARTS: Readonly<Record<string, string>> = {
  '0': 'Boot',
  '1': 'System',
  '2': 'Automatic',
  '3': 'Manual',
  '4': 'Disabled',
};
