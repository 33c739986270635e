import type { EventRow } from './event-row.ts';

/** What a row says of the thing it is about: the process, file or account that acted where it names no other. */
export interface RowFacts {
  readonly time: string;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly fileName: string;
  /** The folder, without the name. */
  readonly folder: string;
  readonly sha1: string;
  readonly sha256: string;
  readonly md5: string;
  readonly commandLine: string;
  readonly userName: string;
  readonly userDomain: string;
  readonly userSid: string;
  readonly userObjectId: string;
  readonly userPrincipalName: string;
  readonly remoteIp: string;
  readonly url: string;
}

export function rowFacts(row: EventRow): RowFacts {
  const subject = prefixOf(row, ['FileName', 'SHA1', 'SHA256', 'FolderPath']);
  const account = prefixOf(row, ['AccountName', 'AccountSid', 'AccountUpn', 'AccountObjectId']);
  const fileName = row.text(`${subject}FileName`);
  return {
    time: row.text('Timestamp'),
    deviceId: row.text('DeviceId'),
    deviceName: row.text('DeviceName'),
    fileName,
    folder: folderOf(row.text(`${subject}FolderPath`), fileName),
    sha1: row.text(`${subject}SHA1`),
    sha256: row.text(`${subject}SHA256`),
    md5: row.text(`${subject}MD5`),
    commandLine: row.text('ProcessCommandLine') || row.text('InitiatingProcessCommandLine'),
    userName: row.text(`${account}AccountName`),
    userDomain: row.text(`${account}AccountDomain`),
    userSid: row.text(`${account}AccountSid`),
    userObjectId: row.text(`${account}AccountObjectId`),
    userPrincipalName: row.text(`${account}AccountUpn`),
    remoteIp: row.text('RemoteIP') || row.text('IPAddress'),
    url: row.text('RemoteUrl') || row.text('Url'),
  };
}

/** '' where the row itself has one of the columns, else the acting process's columns. */
function prefixOf(row: EventRow, columns: readonly string[]): '' | 'InitiatingProcess' {
  return columns.some((column) => row.text(column) !== '') ? '' : 'InitiatingProcess';
}

/** `FolderPath` ends in the file's name; the detection has the folder alone. */
function folderOf(path: string, fileName: string): string {
  const end = path.length - fileName.length - 1;
  const isWhole = end >= 0 && path.slice(end + 1).toLowerCase() === fileName.toLowerCase();
  return fileName !== '' && isWhole && /[\\/]/.test(path[end] ?? '') ? path.slice(0, end) : path;
}
