import { createHash } from 'node:crypto';
import type { EventRow } from './event-row.ts';
import { type RowFacts, rowFacts } from './row-facts.ts';
import type { Rule } from './rule.ts';

/**
 * One piece of evidence of an alert: the members of the alert API's evidence, null where they say nothing.
 * Source: https://learn.microsoft.com/defender-endpoint/api/alerts (evidence)
 */
export type Evidence = Readonly<Record<(typeof EVIDENCE_MEMBERS)[number], string | number | null>>;

const EVIDENCE_MEMBERS = [
  'entityType',
  'evidenceCreationTime',
  'sha1',
  'sha256',
  'fileName',
  'filePath',
  'processId',
  'processCommandLine',
  'processCreationTime',
  'parentProcessId',
  'parentProcessCreationTime',
  'parentProcessFileName',
  'parentProcessFilePath',
  'ipAddress',
  'url',
  'registryKey',
  'registryHive',
  'registryValueType',
  'registryValue',
  'accountName',
  'domainName',
  'userSid',
  'aadUserId',
  'userPrincipalName',
  'detectionStatus',
] as const;

type Given = Partial<Readonly<Record<(typeof EVIDENCE_MEMBERS)[number], string | number>>>;

/** What a row shows, each with a key that the same evidence of another row has too. */
export function evidenceOfRow(
  rule: Rule,
  row: EventRow,
  createdTime: string,
): readonly { readonly key: string; readonly evidence: Evidence }[] {
  const facts = rowFacts(row);
  const items = [process(row), file(row, facts), user(facts), ip(facts), url(facts), registry(row)];
  const mailbox = row.text(rule.entities.mailbox ?? 'RecipientEmailAddress');
  if (mailbox !== '') items.push({ entityType: 'MailBox', userPrincipalName: mailbox });
  return items.flatMap((given) => {
    if (given === undefined) return [];
    const key = createHash('sha1')
      .update(JSON.stringify(Object.entries(given).sort()))
      .digest('hex');
    return [{ key, evidence: whole({ ...given, evidenceCreationTime: createdTime }) }];
  });
}

function whole(given: Given): Evidence {
  const members = EVIDENCE_MEMBERS.map((member) => {
    const value = given[member];
    return [member, value === undefined || value === '' ? null : value] as const;
  });
  return { ...(Object.fromEntries(members) as Evidence), detectionStatus: 'Detected' };
}

/** The process that was started, or the one that acted. */
function process(row: EventRow): Given | undefined {
  const started = row.text('ProcessId') !== '' || row.text('ProcessCommandLine') !== '';
  const prefix = started ? '' : 'InitiatingProcess';
  const fileName = row.text(`${prefix}FileName`);
  const commandLine = row.text(started ? 'ProcessCommandLine' : 'InitiatingProcessCommandLine');
  if (fileName === '' && commandLine === '') return undefined;
  return {
    entityType: 'Process',
    sha1: row.text(`${prefix}SHA1`),
    sha256: row.text(`${prefix}SHA256`),
    fileName,
    filePath: row.text(`${prefix}FolderPath`),
    processId: whole32(row.text(started ? 'ProcessId' : 'InitiatingProcessId')),
    processCommandLine: commandLine,
    processCreationTime: row.text(started ? 'ProcessCreationTime' : 'InitiatingProcessCreationTime'),
    parentProcessId: whole32(row.text(started ? 'InitiatingProcessId' : 'InitiatingProcessParentId')),
    parentProcessCreationTime: row.text(
      started ? 'InitiatingProcessCreationTime' : 'InitiatingProcessParentCreationTime',
    ),
    parentProcessFileName: row.text(
      started ? 'InitiatingProcessFileName' : 'InitiatingProcessParentFileName',
    ),
    parentProcessFilePath: started ? row.text('InitiatingProcessFolderPath') : '',
  };
}

/** Of rows about a file, not about the process that it became. */
function file(row: EventRow, facts: RowFacts): Given | undefined {
  const isProcess = row.text('ProcessCommandLine') !== '';
  if (isProcess || (row.text('FileName') === '' && row.text('SHA1') === '')) return undefined;
  const { fileName, folder, sha1, sha256 } = facts;
  return { entityType: 'File', fileName, filePath: folder, sha1, sha256 };
}

function user(facts: RowFacts): Given | undefined {
  const { userName, userDomain, userSid, userObjectId, userPrincipalName } = facts;
  if ([userName, userSid, userObjectId, userPrincipalName].every((text) => text === '')) return undefined;
  return {
    entityType: 'User',
    accountName: userName,
    domainName: userDomain,
    userSid,
    aadUserId: userObjectId,
    userPrincipalName,
  };
}

function ip({ remoteIp }: RowFacts): Given | undefined {
  return remoteIp === '' ? undefined : { entityType: 'Ip', ipAddress: remoteIp };
}

function url(facts: RowFacts): Given | undefined {
  return facts.url === '' ? undefined : { entityType: 'Url', url: facts.url };
}

function registry(row: EventRow): Given | undefined {
  const key = row.text('RegistryKey');
  if (key === '') return undefined;
  return {
    entityType: 'Registry',
    registryKey: key,
    registryHive: key.split('\\')[0] ?? '',
    registryValueType: row.text('RegistryValueType'),
    registryValue: row.text('RegistryValueData') || row.text('RegistryValueName'),
  };
}

function whole32(text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : '';
}
