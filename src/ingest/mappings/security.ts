import { actor, knownSid, userOf } from './actor.ts';
import { named, startOfProcess } from './columns.ts';
import type { EventMapping } from './event-mapping.ts';
import { type ProcessFacts, UNKNOWN_PROCESS } from './process-memory.ts';
import { apply, constant, field, first, json, lookup, number, type Source, when } from './source.ts';
import {
  INTEGRITY_LABELS,
  LOGON_FAILURES,
  LOGON_TYPES,
  PROTOCOLS,
  SERVICE_STARTS,
  TOKEN_ELEVATIONS,
} from './windows-codes.ts';
import { member, type WindowsEvent } from './windows-event.ts';
import { address, addressType, decimal, programOf, unescapeXml } from './windows-values.ts';

const SUBJECT = {
  domain: 'SubjectDomainName',
  name: 'SubjectUserName',
  sid: 'SubjectUserSid',
  logonId: 'SubjectLogonId',
} as const;
const PID = ['ProcessId', 'ProcessID'] as const;

const caller = actor({ pid: PID, image: 'ProcessName', account: SUBJECT });
const creator = actor({ pid: PID, image: 'ParentProcessName', account: SUBJECT });
const serviceClient = actor({ pid: ['ClientProcessId'], image: 'ClientProcessName', account: SUBJECT });
const application = actor({ pid: PID, image: 'Application' });

const lower = (source: Source) => apply('lower case', (text) => text.toLowerCase(), source);
const targetAccount = {
  AccountDomain: lower(field('TargetDomainName')),
  AccountName: lower(field('TargetUserName')),
};
const sid = (name: string) => apply('SID', knownSid, field(name));
const remoteAddress = apply('address', address, field('IpAddress'));
const logon = {
  LogonType: lookup('name', LOGON_TYPES, field('LogonType')),
  ...targetAccount,
  AccountSid: sid('TargetUserSid'),
  Protocol: field('AuthenticationPackageName'),
  LogonId: apply('decimal', decimal, field('TargetLogonId')),
  RemoteDeviceName: field('WorkstationName'),
  RemoteIP: remoteAddress,
  RemoteIPType: apply('kind', addressType, remoteAddress),
  RemotePort: field('IpPort'),
};
const logonDetails = {
  LogonProcessName: apply('trimmed text', (text) => text.trim(), field('LogonProcessName')),
  LmPackageName: field('LmPackageName'),
  KeyLength: field('KeyLength'),
};

/** The account of the new process: the target where one is named, else the caller. */
const processUser = (event: WindowsEvent) => {
  const target = userOf(member(event, 'TargetDomainName'), member(event, 'TargetUserName'));
  if (target !== '')
    return { domain: 'TargetDomainName', name: 'TargetUserName', sid: 'TargetUserSid', target };
  const own = userOf(member(event, 'SubjectDomainName'), member(event, 'SubjectUserName'));
  return { domain: 'SubjectDomainName', name: 'SubjectUserName', sid: 'SubjectUserSid', target: own };
};
const ofUser = (part: 'domain' | 'name' | 'sid', text: string): Source => ({
  text,
  read: (event) => {
    const value = member(event, processUser(event)[part]);
    return part === 'sid' ? value : value.toLowerCase();
  },
});
const integrity = lookup('integrity level', INTEGRITY_LABELS, field('MandatoryLabel'));
const elevation = lookup('token elevation', TOKEN_ELEVATIONS, field('TokenElevationType'));

const inbound = (then: Source, otherwise: Source) => when('Direction', '%%14592', then, otherwise);
const sourceAddress = apply('address', address, field('SourceAddress'));
const destinationAddress = apply('address', address, field('DestAddress'));

/**
 * The Security log of Windows. Members: the page of each event number under
 * https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/
 */
export const SECURITY_MAPPINGS: readonly EventMapping[] = [
  {
    source: 'Security',
    id: 4624,
    title: 'logon',
    table: 'DeviceLogonEvents',
    action: constant('LogonSuccess'),
    actor: caller,
    columns: {
      ...logon,
      // An elevated token is given to members of the administrators group.
      IsLocalAdmin: when('ElevatedToken', '%%1842', constant('true'), constant('')),
      AdditionalFields: json({ ...logonDetails, LogonGuid: field('LogonGuid') }),
    },
    account: (event) => ({
      user: userOf(member(event, 'TargetDomainName'), member(event, 'TargetUserName')),
      sid: knownSid(member(event, 'TargetUserSid')),
    }),
  },
  {
    source: 'Security',
    id: 4625,
    title: 'logon that failed',
    table: 'DeviceLogonEvents',
    action: constant('LogonFailed'),
    actor: caller,
    columns: {
      ...logon,
      FailureReason: first(
        lookup('reason', LOGON_FAILURES, apply('code', statusCode, field('SubStatus'))),
        lookup('reason', LOGON_FAILURES, field('Status')),
      ),
      AdditionalFields: json({ ...logonDetails, Status: field('Status'), SubStatus: field('SubStatus') }),
    },
  },
  {
    source: 'Security',
    id: 4688,
    title: 'process creation',
    table: 'DeviceProcessEvents',
    action: constant('ProcessCreated'),
    actor: creator,
    columns: {
      ...named(field('NewProcessName')),
      ProcessId: apply('decimal', decimal, field('NewProcessId')),
      ProcessCommandLine: field('CommandLine'),
      ProcessIntegrityLevel: integrity,
      ProcessTokenElevation: elevation,
      ProcessCreationTime: { text: 'time of the event', read: (event) => event.time },
      AccountDomain: ofUser('domain', '`TargetDomainName` or `SubjectDomainName`, lower case'),
      AccountName: ofUser('name', '`TargetUserName` or `SubjectUserName`, lower case'),
      AccountSid: ofUser('sid', 'SID of the same account'),
      LogonId: apply('decimal', decimal, {
        text: '`TargetLogonId` or `SubjectLogonId`, of the same account',
        read: (event) =>
          member(event, processUser(event).name === 'TargetUserName' ? 'TargetLogonId' : 'SubjectLogonId'),
      }),
    },
    starts: (event, facts) => startedProcess(event, facts),
  },
  {
    source: 'Security',
    id: 4689,
    title: 'process termination',
    table: 'DeviceEvents',
    action: constant('ProcessTerminated'),
    actor: caller,
    columns: {
      ...named(field('ProcessName')),
      ProcessId: apply('decimal', decimal, field(...PID)),
      ...startOfProcess,
      LogonId: apply('decimal', decimal, field('SubjectLogonId')),
      AdditionalFields: json({ ExitStatus: field('Status') }),
    },
    ends: (event) => decimal(member(event, 'ProcessId') || member(event, 'ProcessID')),
  },
  {
    source: 'Security',
    id: 4697,
    title: 'service installed',
    table: 'DeviceEvents',
    action: constant('ServiceInstalled'),
    actor: serviceClient,
    columns: {
      ...named(apply('program', programOf, field('ServiceFileName'))),
      ProcessCommandLine: field('ServiceFileName'),
      AdditionalFields: json({
        ServiceName: field('ServiceName'),
        ServiceFileName: field('ServiceFileName'),
        ServiceType: number(apply('decimal', decimal, field('ServiceType'))),
        ServiceStartType: lookup('name', SERVICE_STARTS, field('ServiceStartType')),
        ServiceAccount: field('ServiceAccount'),
      }),
    },
  },
  {
    source: 'Security',
    id: 4698,
    title: 'scheduled task created',
    table: 'DeviceEvents',
    action: constant('ScheduledTaskCreated'),
    actor: serviceClient,
    columns: {
      AdditionalFields: json({
        TaskName: field('TaskName'),
        TaskContent: apply('text', unescapeXml, field('TaskContent')),
        SubjectUserName: field('SubjectUserName'),
        SubjectDomainName: field('SubjectDomainName'),
      }),
    },
  },
  {
    source: 'Security',
    id: 4720,
    title: 'user account created',
    table: 'DeviceEvents',
    action: constant('UserAccountCreated'),
    actor: actor({ pid: [], image: '', account: SUBJECT }),
    columns: {
      ...targetAccount,
      AccountSid: sid('TargetSid'),
      AdditionalFields: json({
        SamAccountName: field('SamAccountName'),
        UserPrincipalName: field('UserPrincipalName'),
        UserAccountControl: apply('trimmed text', (text) => text.trim(), field('UserAccountControl')),
        PrimaryGroupId: field('PrimaryGroupId'),
      }),
    },
    account: (event) => ({
      user: userOf(member(event, 'TargetDomainName'), member(event, 'TargetUserName')),
      sid: member(event, 'TargetSid'),
    }),
  },
  {
    source: 'Security',
    id: 5156,
    title: 'connection allowed by the firewall',
    table: 'DeviceNetworkEvents',
    action: inbound(constant('InboundConnectionAccepted'), constant('ConnectionSuccess')),
    actor: application,
    columns: {
      RemoteIP: inbound(sourceAddress, destinationAddress),
      RemotePort: inbound(field('SourcePort'), field('DestPort')),
      RemoteIPType: inbound(
        apply('kind', addressType, sourceAddress),
        apply('kind', addressType, destinationAddress),
      ),
      LocalIP: inbound(destinationAddress, sourceAddress),
      LocalPort: inbound(field('DestPort'), field('SourcePort')),
      LocalIPType: inbound(
        apply('kind', addressType, destinationAddress),
        apply('kind', addressType, sourceAddress),
      ),
      Protocol: lookup('protocol', PROTOCOLS, field('Protocol')),
    },
  },
];

/** A sub-status of zero says nothing: the status counts. */
function statusCode(text: string): string {
  return /^0x0+$/.test(text) ? '' : text;
}

function startedProcess(event: WindowsEvent, parent: ProcessFacts): ProcessFacts {
  const user = processUser(event);
  return {
    ...UNKNOWN_PROCESS,
    pid: decimal(member(event, 'NewProcessId')),
    image: member(event, 'NewProcessName'),
    commandLine: member(event, 'CommandLine'),
    user: user.target,
    sid: member(event, user.sid),
    logonId: member(event, user.name === 'TargetUserName' ? 'TargetLogonId' : 'SubjectLogonId'),
    integrity: INTEGRITY_LABELS[member(event, 'MandatoryLabel')] ?? '',
    elevation: TOKEN_ELEVATIONS[member(event, 'TokenElevationType')] ?? '',
    created: event.time,
    parentPid: parent.pid,
    parentImage: parent.image,
    parentCreated: parent.created,
  };
}
