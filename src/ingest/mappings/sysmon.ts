import { actor } from './actor.ts';
import { named, startOfProcess } from './columns.ts';
import type { EventMapping } from './event-mapping.ts';
import { type ProcessFacts, UNKNOWN_PROCESS } from './process-memory.ts';
import { apply, constant, field, json, lookup, number, type Source, when } from './source.ts';
import { PROTOCOLS, REGISTRY_ACTIONS } from './windows-codes.ts';
import { member, type WindowsEvent } from './windows-event.ts';
import {
  accountDomain,
  accountName,
  address,
  addressType,
  decimal,
  guidKey,
  guidTime,
  hash,
  registryKey,
  registryPath,
  registryValueData,
  registryValueName,
  registryValueType,
  zoneMember,
} from './windows-values.ts';

/** The process of most Sysmon events. */
const self = actor({ guid: 'ProcessGuid', pid: ['ProcessId'], image: 'Image', user: 'User' });
const parent = actor({
  guid: 'ParentProcessGuid',
  pid: ['ParentProcessId'],
  image: 'ParentImage',
  user: 'ParentUser',
  commandLine: 'ParentCommandLine',
});
const threadSource = actor({
  guid: 'SourceProcessGuid',
  pid: ['SourceProcessId'],
  image: 'SourceImage',
  user: 'SourceUser',
});
const accessSource = actor({
  guid: 'SourceProcessGUID',
  pid: ['SourceProcessId'],
  image: 'SourceImage',
  user: 'SourceUser',
});
/** Drivers are loaded by the kernel. */
const kernel = {
  text: 'the kernel',
  resolve: () => ({
    ...UNKNOWN_PROCESS,
    pid: '4',
    image: 'System',
    user: 'NT AUTHORITY\\SYSTEM',
    sid: 'S-1-5-18',
    logonId: '0x3e7',
  }),
};

const image = field('Image');
const target = field('TargetFilename');
const hashes = (source: Source) => ({
  SHA1: apply('SHA1', (text) => hash(text, 'SHA1'), source),
  SHA256: apply('SHA256', (text) => hash(text, 'SHA256'), source),
  MD5: apply('MD5', (text) => hash(text, 'MD5'), source),
});
const imphash = (source: Source) => apply('IMPHASH', (text) => hash(text, 'IMPHASH'), source);
const targetProcess = (guid: Source) => ({
  ...named(field('TargetImage')),
  ProcessId: apply('decimal', decimal, field('TargetProcessId')),
  ProcessCreationTime: apply('start time', guidTime, guid),
  AccountDomain: apply('domain', accountDomain, field('TargetUser')),
  AccountName: apply('account', accountName, field('TargetUser')),
});
const version = apply('first word', firstWord, field('FileVersion'));

/** Some shippers put a word of their own under `EventType`; the message still has the event's. */
const registryAction: Source = {
  text: 'action of `EventType`',
  read: (event) =>
    REGISTRY_ACTIONS[member(event, 'EventType')] ??
    REGISTRY_ACTIONS[/\bEventType: (\w+)/.exec(member(event, 'Message'))?.[1] ?? ''] ??
    '',
};
const registryTarget = field('TargetObject');
/** Keys for events of keys, and the key in front of the value's name for events of values. */
const isValueAction = (action: string) => action.startsWith('RegistryValue');
const keyOfAction: Source = {
  text: 'key of `TargetObject`',
  read: (event, facts, memory) =>
    isValueAction(registryAction.read(event, facts, memory))
      ? registryKey(member(event, 'TargetObject'))
      : registryPath(member(event, 'TargetObject')),
};
const valueOfAction: Source = {
  text: 'value name of `TargetObject`, for values',
  read: (event, facts, memory) =>
    isValueAction(registryAction.read(event, facts, memory))
      ? registryValueName(member(event, 'TargetObject'))
      : '',
};

const outgoing = (then: Source, otherwise: Source) => when('Initiated', 'true', then, otherwise);
const sourceIp = apply('address', address, field('SourceIp'));
const destinationIp = apply('address', address, field('DestinationIp'));
const pipe = (operation: string, end: string) =>
  json({
    PipeName: apply(
      'device path',
      (name) => (name === '' ? '' : `\\Device\\NamedPipe${name}`),
      field('PipeName'),
    ),
    FileOperation: constant(operation),
    NamedPipeEnd: constant(end),
  });

/**
 * Sysmon's events. Members: https://learn.microsoft.com/sysinternals/downloads/sysmon
 * Sysmon knows no SID of a user: it is filled where another event of the file told it, and for built-in accounts.
 */
export const SYSMON_MAPPINGS: readonly EventMapping[] = [
  {
    source: 'Sysmon',
    id: 1,
    title: 'process creation',
    table: 'DeviceProcessEvents',
    action: constant('ProcessCreated'),
    actor: parent,
    columns: {
      ...named(image),
      ...hashes(field('Hashes')),
      ProcessVersionInfoCompanyName: field('Company'),
      ProcessVersionInfoProductName: field('Product'),
      ProcessVersionInfoProductVersion: version,
      ProcessVersionInfoOriginalFileName: field('OriginalFileName'),
      ProcessVersionInfoFileDescription: field('Description'),
      ProcessId: field('ProcessId'),
      ProcessCommandLine: field('CommandLine'),
      ProcessIntegrityLevel: field('IntegrityLevel'),
      ProcessCreationTime: field('UtcTime'),
      AccountDomain: apply('domain', accountDomain, field('User')),
      AccountName: apply('account', accountName, field('User')),
      AccountSid: {
        text: 'SID of `User`, where known',
        read: (event, _actor, memory) => memory.sidOf(member(event, 'User')),
      },
      LogonId: apply('decimal', decimal, field('LogonId')),
      CreatedProcessSessionId: field('TerminalSessionId'),
      ProcessUniqueId: apply('GUID', guidKey, field('ProcessGuid')),
      AdditionalFields: json({
        CurrentDirectory: field('CurrentDirectory'),
        IMPHASH: imphash(field('Hashes')),
        RuleName: field('RuleName'),
      }),
    },
    starts: (event, facts, memory) => startedProcess(event, facts, memory.sidOf(member(event, 'User'))),
  },
  {
    source: 'Sysmon',
    id: 3,
    title: 'network connection',
    table: 'DeviceNetworkEvents',
    action: outgoing(constant('ConnectionSuccess'), constant('InboundConnectionAccepted')),
    actor: self,
    columns: {
      RemoteIP: outgoing(destinationIp, sourceIp),
      RemotePort: outgoing(field('DestinationPort'), field('SourcePort')),
      RemoteUrl: outgoing(field('DestinationHostname'), field('SourceHostname')),
      RemoteIPType: outgoing(apply('kind', addressType, destinationIp), apply('kind', addressType, sourceIp)),
      LocalIP: outgoing(sourceIp, destinationIp),
      LocalPort: outgoing(field('SourcePort'), field('DestinationPort')),
      LocalIPType: outgoing(apply('kind', addressType, sourceIp), apply('kind', addressType, destinationIp)),
      Protocol: lookup('protocol', PROTOCOLS, field('Protocol')),
      AdditionalFields: json({ RuleName: field('RuleName') }),
    },
  },
  {
    source: 'Sysmon',
    id: 5,
    title: 'process termination',
    table: 'DeviceEvents',
    action: constant('ProcessTerminated'),
    actor: self,
    columns: {
      ...named(image),
      ProcessId: field('ProcessId'),
      ...startOfProcess,
    },
    ends: (event) => decimal(member(event, 'ProcessId')),
  },
  {
    source: 'Sysmon',
    id: 6,
    title: 'driver load',
    table: 'DeviceEvents',
    action: constant('DriverLoad'),
    actor: kernel,
    columns: {
      ...named(field('ImageLoaded')),
      ...hashes(field('Hashes')),
      AdditionalFields: json({
        Signed: field('Signed'),
        Signature: field('Signature'),
        SignatureStatus: field('SignatureStatus'),
        IMPHASH: imphash(field('Hashes')),
      }),
    },
  },
  {
    source: 'Sysmon',
    id: 7,
    title: 'image load',
    table: 'DeviceImageLoadEvents',
    action: constant('ImageLoaded'),
    actor: self,
    columns: { ...named(field('ImageLoaded')), ...hashes(field('Hashes')) },
    extra: json({
      Signed: field('Signed'),
      Signature: field('Signature'),
      SignatureStatus: field('SignatureStatus'),
      OriginalFileName: field('OriginalFileName'),
      Company: field('Company'),
      Product: field('Product'),
      Description: field('Description'),
      FileVersion: field('FileVersion'),
      IMPHASH: imphash(field('Hashes')),
      RuleName: field('RuleName'),
    }),
  },
  {
    source: 'Sysmon',
    id: 8,
    title: 'thread created in another process',
    table: 'DeviceEvents',
    action: constant('CreateRemoteThreadApiCall'),
    actor: threadSource,
    columns: {
      ...targetProcess(field('TargetProcessGuid', 'TargetProcessGUID')),
      AdditionalFields: json({
        NewThreadId: number(field('NewThreadId')),
        StartAddress: field('StartAddress'),
        StartModule: field('StartModule'),
        StartFunction: field('StartFunction'),
      }),
    },
  },
  {
    source: 'Sysmon',
    id: 10,
    title: 'process opened by another process',
    table: 'DeviceEvents',
    action: constant('OpenProcessApiCall'),
    actor: accessSource,
    columns: {
      ...targetProcess(field('TargetProcessGUID', 'TargetProcessGuid')),
      AdditionalFields: json({
        DesiredAccess: number(apply('decimal', decimal, field('GrantedAccess'))),
        GrantedAccess: field('GrantedAccess'),
        CallTrace: field('CallTrace'),
      }),
    },
  },
  {
    source: 'Sysmon',
    id: 11,
    title: 'file created',
    table: 'DeviceFileEvents',
    action: constant('FileCreated'),
    actor: self,
    columns: {
      ...named(target),
      AdditionalFields: json({ CreationUtcTime: field('CreationUtcTime'), RuleName: field('RuleName') }),
    },
  },
  {
    source: 'Sysmon',
    id: 12,
    title: 'registry object created or deleted',
    table: 'DeviceRegistryEvents',
    action: registryAction,
    actor: self,
    columns: { RegistryKey: keyOfAction, RegistryValueName: valueOfAction },
  },
  {
    source: 'Sysmon',
    id: 13,
    title: 'registry value set',
    table: 'DeviceRegistryEvents',
    action: constant('RegistryValueSet'),
    actor: self,
    columns: {
      RegistryKey: apply('key', registryKey, registryTarget),
      RegistryValueName: apply('value name', registryValueName, registryTarget),
      RegistryValueType: apply('type', registryValueType, field('Details')),
      RegistryValueData: apply('data', registryValueData, field('Details')),
    },
  },
  {
    source: 'Sysmon',
    id: 14,
    title: 'registry object renamed',
    table: 'DeviceRegistryEvents',
    action: constant('RegistryKeyRenamed'),
    actor: self,
    columns: {
      RegistryKey: apply('key', registryPath, field('NewName')),
      PreviousRegistryKey: apply('key', registryPath, registryTarget),
    },
  },
  {
    source: 'Sysmon',
    id: 15,
    title: 'file stream created',
    table: 'DeviceFileEvents',
    action: constant('FileCreated'),
    actor: self,
    columns: {
      ...named(target),
      ...hashes(field('Hash', 'Hashes')),
      FileOriginUrl: apply('HostUrl', (text) => zoneMember(text, 'HostUrl'), field('Contents')),
      FileOriginReferrerUrl: apply(
        'ReferrerUrl',
        (text) => zoneMember(text, 'ReferrerUrl'),
        field('Contents'),
      ),
      AdditionalFields: json({
        StreamContents: field('Contents'),
        CreationUtcTime: field('CreationUtcTime'),
        IMPHASH: imphash(field('Hash', 'Hashes')),
      }),
    },
  },
  {
    source: 'Sysmon',
    id: 17,
    title: 'named pipe created',
    table: 'DeviceEvents',
    action: constant('NamedPipeEvent'),
    actor: self,
    columns: { AdditionalFields: pipe('File created', 'Server') },
  },
  {
    source: 'Sysmon',
    id: 18,
    title: 'named pipe connected',
    table: 'DeviceEvents',
    action: constant('NamedPipeEvent'),
    actor: self,
    columns: { AdditionalFields: pipe('File opened', 'Client') },
  },
  {
    source: 'Sysmon',
    id: 22,
    title: 'DNS query',
    table: 'DeviceEvents',
    action: constant('DnsQueryResponse'),
    actor: self,
    columns: {
      AdditionalFields: json({
        DnsQueryString: field('QueryName'),
        DnsQueryResult: field('QueryResults'),
        DnsQueryStatus: number(field('QueryStatus')),
      }),
    },
  },
  ...[23, 26].map(
    (id): EventMapping => ({
      source: 'Sysmon',
      id,
      title: id === 23 ? 'file deleted and archived' : 'file deleted',
      table: 'DeviceFileEvents',
      action: constant('FileDeleted'),
      actor: self,
      columns: {
        ...named(target),
        ...hashes(field('Hashes')),
        AdditionalFields: json({
          IsExecutable: field('IsExecutable'),
          Archived: field('Archived'),
          IMPHASH: imphash(field('Hashes')),
        }),
      },
    }),
  ),
];

function startedProcess(event: WindowsEvent, parentFacts: ProcessFacts, sid: string): ProcessFacts {
  return {
    guid: guidKey(member(event, 'ProcessGuid')),
    pid: decimal(member(event, 'ProcessId')),
    image: member(event, 'Image'),
    commandLine: member(event, 'CommandLine'),
    user: member(event, 'User'),
    sid,
    logonId: member(event, 'LogonId'),
    integrity: member(event, 'IntegrityLevel'),
    elevation: '',
    sessionId: member(event, 'TerminalSessionId'),
    hashes: member(event, 'Hashes'),
    company: member(event, 'Company'),
    product: member(event, 'Product'),
    version: firstWord(member(event, 'FileVersion')),
    originalName: member(event, 'OriginalFileName'),
    description: member(event, 'Description'),
    created: member(event, 'UtcTime'),
    parentPid: decimal(member(event, 'ParentProcessId')),
    parentImage: member(event, 'ParentImage'),
    parentCreated: parentFacts.created,
  };
}

function firstWord(text: string): string {
  return text.split(' ', 1)[0] ?? '';
}
