import type { RowMapping } from './event-mapping.ts';
import { WINDOWS_MAPPINGS } from './index.ts';
import { OTHER_EVENTS } from './other.ts';

/** docs/windows-mapping.md: what becomes of each kind of Windows event, printed from the mappings. */
export function windowsMappingPage(): string {
  const sections = [
    ...WINDOWS_MAPPINGS.map((mapping) =>
      section(`${mapping.source} ${mapping.id}: ${mapping.title}`, mapping),
    ),
    ...Object.entries(OTHER_EVENTS).map(([log, mapping]) =>
      section(`${log === '' ? 'Other logs' : log}: ${mapping.title}`, mapping),
    ),
  ];
  return `${HEAD}\n${INDEX()}\n\n${sections.join('\n\n')}\n`;
}

function section(heading: string, mapping: RowMapping): string {
  const rows = [
    ['`ActionType`', mapping.action.text],
    ['`InitiatingProcess...`', mapping.actor.text],
    ...Object.entries(mapping.columns).map(([column, source]) => [`\`${column}\``, source.text]),
    ...(mapping.extra === undefined ? [] : [['`_extra`', mapping.extra.text]]),
  ];
  return [
    `## ${heading}`,
    '',
    `Table \`${mapping.table}\`.`,
    '',
    '| column | from |',
    '| --- | --- |',
    ...rows.map(([column, text]) => `| ${column} | ${(text ?? '').replaceAll('|', '\\|')} |`),
  ].join('\n');
}

const HEAD = `# How Windows events become rows

Printed from the mappings in \`src/ingest/mappings\`. Events of every other kind and log are kept whole: rows of
\`DeviceEvents\` with the \`ActionType\` "WindowsEvent", to be told by \`AdditionalFields.Channel\` and
\`AdditionalFields.EventID\`.

What every row has:

- \`Timestamp\`: Sysmon's \`UtcTime\`, else \`TimeCreated\`, else \`@timestamp\`, else \`EventTime\` (taken as UTC). A log
  whose shipper wrote a wrong \`TimeCreated\` therefore keeps Sysmon's times right and the others' wrong.
- \`DeviceName\`: the host name in lower case. \`DeviceId\`: 40 hexadecimal digits made of it (SHA-1), so that the same
  host has the same id everywhere.
- \`ReportId\`: the record number of the event in its log; where the shipper left it out, its place in the file.
- \`InitiatingProcess...\`: the process that acted. What its start (Sysmon 1, Security 4688) told earlier in the same
  file is filled in: command line, hashes, version information, parent, integrity, session. Sysmon tells the process
  by its GUID, which also holds the second of its start; Security by its id and image on the same host.
- Account names and domains are in lower case. Sysmon logs no SIDs: those of built-in accounts are filled in, and
  those that another event of the same file told.
- Addresses are written in their shortest form, an IPv4 address inside IPv6 as IPv4.
- \`AdditionalFields\`: a JSON object of what has no column; in tables without it, \`_extra\`, which queries cannot see.

Choices where Defender has no equal:

- The end of a process is \`ProcessTerminated\` in \`DeviceEvents\`, so that \`DeviceProcessEvents\` holds starts only.
- A file stream (Sysmon 15) is \`FileCreated\` with the stream's name in \`FolderPath\`.
- A registry event whose shipper lost \`EventType\` (some do) has an empty \`ActionType\`: what was done is not known.
- A start that both Sysmon and the Security log tell gives two rows.
`;

const INDEX = () =>
  [
    '| event | table | ActionType |',
    '| --- | --- | --- |',
    ...WINDOWS_MAPPINGS.map(
      ({ source, id, title, table, action }) =>
        `| ${source} ${id}, ${title} | \`${table}\` | ${action.text} |`,
    ),
  ].join('\n');
