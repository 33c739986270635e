import type { KqlType } from '../../src/model/kql-type.ts';
import type { TableSchema } from '../../src/model/table-schema.ts';

/** A plausible row by column name, in the engine's form: numbers, text, ISO datetimes. The same for the same number. */
export function sampleRow(table: TableSchema, number: number, nowMs: number): Record<string, unknown> {
  const time = new Date(nowMs - number * 13 * 3_600_000 - 60_000)
    .toISOString()
    .replace('T', ' ')
    .replace('Z', '');
  const row: Record<string, unknown> = { _arrival: number + 1, _ingested: time, _extra: '' };
  for (const column of table.columns) row[column.name] = sampleValue(column.name, column.type, number, time);
  return row;
}

function sampleValue(name: string, type: KqlType, number: number, time: string): unknown {
  switch (type) {
    case 'datetime':
      return time;
    case 'bool':
      return number % 3 === 0 ? null : number % 2 === 0;
    case 'int':
    case 'long':
      return /Port$/.test(name) ? [443, 80, 445, 3389][number % 4] : number * 37;
    case 'real':
    case 'decimal':
      return number / 4;
    case 'timespan':
      return number * 600_000_000;
    case 'guid':
      return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
    case 'dynamic':
      return sampleDynamic(name, number);
    case 'string':
      return sampleText(name, number);
  }
}

function sampleDynamic(name: string, number: number): string {
  if (number % 5 === 4) return '';
  if (/s$|IPAddresses|Labels|Types|Names/.test(name))
    return JSON.stringify([`first ${number}`, { Name: 'second', Id: number }]);
  return JSON.stringify({
    Name: `name ${number}`,
    Type: 'User',
    Count: number,
    Parts: ['a', 'b'],
    Inner: { Id: number },
  });
}

/** By the ending of the column's name, most telling first. */
const TEXTS: readonly (readonly [RegExp, (number: number) => string])[] = [
  [/SHA1$/, (number) => hex(number, 40)],
  [/SHA256$/, (number) => hex(number, 64)],
  [/MD5$/, (number) => hex(number, 32)],
  [/DeviceId$/, (number) => hex(number % 3, 40)],
  [/DeviceName$|ComputerName$/, (number) => `pc${number % 3}.contoso.com`],
  [/IP$|IPAddress$|IPv4$/, (number) => (number % 2 === 0 ? `10.0.0.${number}` : `203.0.113.${number}`)],
  [/CommandLine$/, (number) => COMMAND_LINES[number % COMMAND_LINES.length] ?? ''],
  [/FileName$/, (number) => FILE_NAMES[number % FILE_NAMES.length] ?? ''],
  [/FolderPath$/, (number) => `C:\\Windows\\System32\\${FILE_NAMES[number % FILE_NAMES.length]}`],
  [/Url$|URL$/, (number) => `https://example${number}.com/path/file.zip?q=${number}`],
  [/Domain$/, (number) => `example${number}.com`],
  [/Sid$/, (number) => `S-1-5-21-1000-2000-3000-${1000 + number}`],
  [/Upn$|Address$|Email/, (number) => `user${number}@contoso.com`],
  [/RegistryKey$/, () => 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run'],
  [
    /AdditionalFields$|RawEventData$|Properties$|Info$/,
    (number) => `{"Name":"n${number}","Count":${number},"List":["a"]}`,
  ],
  [/Ids$/, (number) => `["id-${number}"]`],
  [/ActionType$/, (number) => ACTION_TYPES[number % ACTION_TYPES.length] ?? ''],
  [/AccountName$/, (number) => `user${number % 4}`],
];

const COMMAND_LINES = [
  'powershell.exe -nop -w hidden -EncodedCommand SQBFAFgA',
  'cmd.exe /c whoami /all',
  'rundll32.exe C:\\Users\\Public\\a.dll,Start',
  'C:\\Windows\\System32\\svchost.exe -k netsvcs',
];
const FILE_NAMES = ['powershell.exe', 'cmd.exe', 'rundll32.exe', 'svchost.exe', 'report.docx'];
const ACTION_TYPES = [
  'ProcessCreated',
  'ConnectionSuccess',
  'FileCreated',
  'LogonSuccess',
  'RegistryValueSet',
];

function sampleText(name: string, number: number): string {
  if (number % 7 === 6) return '';
  return TEXTS.find(([pattern]) => pattern.test(name))?.[1](number) ?? `${name} ${number % 4}`;
}

function hex(number: number, length: number): string {
  return (number * 2_654_435_761 + 1).toString(16).padStart(length, 'ab12');
}
