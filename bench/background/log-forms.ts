import { SYSTEM32, security, system } from './habit.ts';

/** Who an event of the Security log says has done it; a device does things too. */
export const SUBJECT = {
  SubjectUserSid: 'S-1-5-21-1-2-3-{rid}',
  SubjectUserName: '{user}',
  SubjectDomainName: 'CORP',
  SubjectLogonId: '0x{hex}',
};
export const ADMINISTRATOR = {
  ...SUBJECT,
  SubjectUserName: '{admin}',
  SubjectUserSid: 'S-1-5-21-1-2-3-600{adminNumber}',
};
export const DEVICE = { ...SUBJECT, SubjectUserSid: 'S-1-5-18', SubjectUserName: '{host}$' };
export const AD_FS = { Channel: 'Security', Provider_Name: 'AD FS Auditing', SourceName: 'AD FS Auditing' };
export const READ_CHANGES =
  '%%7688 {1131f6aa-9c07-11d1-f79f-00c04fc2dcd2} {19195a5b-6da0-11d0-afd3-00c04fd930c9}';

export function logon(user: string, type: number, address: string, process: string) {
  return security(4624, {
    SubjectUserSid: 'S-1-5-18',
    SubjectUserName: '{host}$',
    SubjectDomainName: 'CORP',
    TargetUserSid: 'S-1-5-21-1-2-3-{rid}',
    TargetUserName: user,
    TargetDomainName: 'CORP',
    TargetLogonId: '0x{hex}',
    LogonType: type,
    LogonProcessName: `${process}  `,
    AuthenticationPackageName: process === 'Kerberos' ? 'Kerberos' : 'Negotiate',
    ProcessId: '0xe58',
    ProcessName: `${SYSTEM32}svchost.exe`,
    IpAddress: address,
    IpPort: 52_011,
  });
}

export function share(name: string, path: string, mask: string, subject: Readonly<Record<string, string>>) {
  return security(5145, {
    IpAddress: '{address}',
    IpPort: 52_990,
    ...subject,
    ObjectType: 'File',
    ShareName: name,
    RelativeTargetName: path,
    AccessMask: mask,
  });
}

export function secret(name: string, subject: Readonly<Record<string, string>>) {
  return security(4662, {
    ...subject,
    ObjectServer: 'DS',
    ObjectType: 'secret',
    ObjectName: name,
    AccessMask: '0x20000',
    Properties: '-',
  });
}

export function replication(subject: Readonly<Record<string, string>>, properties: string) {
  return security(4662, {
    ...subject,
    ObjectServer: 'DS',
    ObjectType: 'domainDNS',
    ObjectName: 'DC=corp,DC=example',
    AccessMask: '0x100',
    Properties: properties,
  });
}

export function key(path: string, program: string, subject: Readonly<Record<string, string>>) {
  return security(4663, {
    ...subject,
    ObjectServer: 'Security',
    ObjectType: 'Key',
    ObjectName: `\\REGISTRY\\MACHINE\\SYSTEM\\ControlSet001\\${path}`,
    AccessMask: '0x1',
    ProcessId: '0x638',
    ProcessName: SYSTEM32 + program,
  });
}

export function installed(name: string, path: string, sid: string) {
  return system(7045, {
    SourceName: 'Service Control Manager',
    ServiceName: name,
    ImagePath: path,
    ServiceType: 'user mode service',
    StartType: 'demand start',
    UserID: sid,
  });
}

export function task(command: string, args: string) {
  const actions = `<Actions><Exec><Command>${command}</Command><Arguments>${args}</Arguments></Exec></Actions>`;
  return security(4698, {
    ...ADMINISTRATOR,
    TaskName: '\\Planner\\{hex}',
    TaskContent: `<?xml version="1.0"?><Task>${actions}</Task>`,
  });
}

/** A record as Defender streams it. */
export function defender(table: string, properties: Readonly<Record<string, string>>) {
  return { category: `AdvancedHunting-${table}`, ...properties };
}

export function ldap(program: string, name: string, filter: string) {
  const fields = JSON.stringify({ DistinguishedName: name, SearchFilter: filter, AttributeList: '["cn"]' });
  return defender('DeviceEvents', {
    ActionType: 'LdapSearch',
    InitiatingProcessFileName: program,
    AdditionalFields: fields,
  });
}
