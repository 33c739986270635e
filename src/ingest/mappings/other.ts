import { actor } from './actor.ts';
import type { RowMapping } from './event-mapping.ts';
import { UNKNOWN_PROCESS } from './process-memory.ts';
import { constant, type Source } from './source.ts';
import { member, type WindowsEvent } from './windows-event.ts';

/** Members that say how an event travelled, not what happened. */
const ENVELOPE: ReadonlySet<string> = new Set([
  '@timestamp',
  '@version',
  'AccountType',
  'ActivityID',
  'Category',
  'Channel',
  'Computer',
  'EventID',
  'EventReceivedTime',
  'EventRecordID',
  'EventTime',
  'EventTypeOrignal',
  'ExecutionProcessID',
  'Hostname',
  'Keywords',
  'Level',
  'LevelText',
  'Opcode',
  'OpcodeValue',
  'ProviderGuid',
  'ProviderName',
  'RecordNumber',
  'RelatedActivityID',
  'Severity',
  'SeverityValue',
  'SourceModuleName',
  'SourceModuleType',
  'SourceName',
  'Task',
  'ThreadID',
  'TimeCreated',
  'UserID',
  'UtcTime',
  'Version',
  'host',
  'port',
  'tags',
  'type',
]);

/** The whole event under its own names. The message repeats the members, so it stands in only where there are none. */
const everything: Source = {
  text: '"Channel", "Provider_Name", "EventID" and every member of the event under its own name',
  read(event) {
    const data: Record<string, string | number> = {
      Channel: event.channel,
      Provider_Name: event.provider,
      EventID: event.id,
    };
    const before = Object.keys(data).length;
    for (const name of Object.keys(event.data)) {
      if (ENVELOPE.has(name) || name === 'Message' || name in data) continue;
      const value = textOf(event, name);
      if (value !== '') data[name] = value;
    }
    const message = member(event, 'Message');
    if (Object.keys(data).length === before && message !== '') data['Message'] = message;
    return JSON.stringify(data);
  },
};

/** Lists of unnamed values (`Data` of older logs) as one text. */
function textOf(event: WindowsEvent, name: string): string {
  const value = event.data[name];
  return Array.isArray(value) ? value.map((item) => String(item)).join('\n') : member(event, name);
}

const writer = {
  text: 'the process that wrote the event, where the log tells it',
  resolve: (event: WindowsEvent) => ({ ...UNKNOWN_PROCESS, pid: event.writerPid, sid: event.sid }),
};

/** By the log's name; '' is any other. */
export const OTHER_EVENTS: Readonly<Record<string, RowMapping>> = {
  Sysmon: other(actor({ guid: 'ProcessGuid', pid: ['ProcessId'], image: 'Image', user: 'User' })),
  Security: other(
    actor({
      pid: ['ProcessId', 'ProcessID'],
      image: 'ProcessName',
      account: {
        domain: 'SubjectDomainName',
        name: 'SubjectUserName',
        sid: 'SubjectUserSid',
        logonId: 'SubjectLogonId',
      },
    }),
  ),
  '': other(writer),
};

function other(acting: RowMapping['actor']): RowMapping {
  return {
    title: 'any other event',
    table: 'DeviceEvents',
    action: constant('WindowsEvent'),
    actor: acting,
    columns: { AdditionalFields: everything },
  };
}
