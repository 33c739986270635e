import type { Random } from './random.ts';

const TABLES = [
  'DeviceInfo',
  'DeviceProcessEvents',
  'DeviceNetworkEvents',
  'DeviceLogonEvents',
  'AlertEvidence',
  'AlertInfo',
  'IdentityLogonEvents',
  'DeviceTvmSoftwareInventory',
] as const;
type Table = (typeof TABLES)[number];
/** Tables with a device, a time and a number of the report. */
const REPORTS = ['DeviceInfo', 'DeviceProcessEvents', 'DeviceNetworkEvents', 'DeviceLogonEvents'] as const;
/** Tables with the name of an account. */
const ACCOUNTS = [
  'DeviceProcessEvents',
  'DeviceLogonEvents',
  'AlertEvidence',
  'IdentityLogonEvents',
] as const;
const WORDS = ['evil', 'cmd.exe', 'alice', 'host', 'Windows11', 'finance', '10.0.0.3', 'ConnectionFailed'];

/** A text whose rows do not depend on what order the engine reads in. */
export function makeQuery(random: Random): string {
  const shape = random.one(SHAPES);
  return `${shape(random)}${random.percent(15) ? ' | count' : ''}`;
}

type Shape = (random: Random) => string;

function rows(random: Random): string {
  const table = random.one(TABLES);
  return random.percent(40) ? table : `${table}${filterOf(random, table)}`;
}

function filterOf(random: Random, table: Table): string {
  const choices: string[] = [`| where * has '${random.one(WORDS)}'`];
  if (table !== 'AlertInfo' && table !== 'IdentityLogonEvents') {
    choices.push(
      `| where DeviceId != ''`,
      `| where DeviceId in (DeviceInfo | where OSPlatform has 'Windows' | project DeviceId)`,
    );
    choices.push(`| where DeviceId !in ((${random.one(REPORTS)} | distinct DeviceId))`);
    choices.push(`| where isempty(DeviceId) or DeviceId contains '${random.below(9)}'`);
  }
  if (table === 'DeviceProcessEvents')
    choices.push(`| where FileName == 'cmd.exe' or ProcessId > ${random.below(30)}`);
  if (table === 'AlertInfo') {
    choices.push(`| where AlertId in (AlertEvidence | project AlertId)`, `| where Severity == 'High'`);
  }
  return ` ${random.one(choices)}`;
}

function report(random: Random): string {
  const table = random.one(REPORTS);
  return random.percent(50) ? table : `${table}${filterOf(random, table)}`;
}

const SHAPES: readonly Shape[] = [
  (random) => `${rows(random)}`,
  (random) =>
    `${report(random)} | summarize n = count(), ids = dcount(DeviceId) by ActionTypeOrOs = ${random.one(['DeviceName', 'DeviceId'])}`,
  (random) => `${report(random)} | summarize arg_max(ReportId, *) by DeviceId`,
  (random) => `${report(random)} | summarize arg_min(ReportId, DeviceName, Timestamp) by DeviceId`,
  (random) => `${report(random)} | top ${1 + random.below(9)} by ReportId ${random.one(['asc', 'desc'])}`,
  (random) =>
    `${report(random)} | sort by ReportId asc | extend n = row_number(), before = prev(DeviceId) | where n % 2 == 0`,
  (random) =>
    `${report(random)} | summarize ids = array_sort_asc(make_set(DeviceId)), n = countif(isempty(DeviceId))`,
  (random) =>
    `union ${random.percent(50) ? 'withsource=T ' : ''}(${rows(random)}), (${rows(random)}) | project-away Timestamp`,
  (random) =>
    `union ${random.percent(50) ? 'isfuzzy=true ' : ''}withsource=T Device* | summarize n = count() by T`,
  (_random) => `union * | summarize n = count() by DeviceId`,
  (random) => `search '${random.one(WORDS)}' | summarize n = count() by $table, DeviceId`,
  (random) =>
    `search in (${random.one(TABLES)}, ${random.one(REPORTS)}) '${random.one(WORDS)}' | summarize n = count() by $table`,
  (random) =>
    `find where DeviceId has '${random.one(['never', 'd', '3'])}' project DeviceId | summarize n = count() by source_, DeviceId`,
  (random) =>
    `find in (${random.one(ACCOUNTS)}, ${random.one(ACCOUNTS)}) where AccountName == 'alice' project AccountName | summarize n = count() by source_`,
  (random) =>
    `${random.one(ACCOUNTS)} | project AccountName, k = 1 | join kind=${random.one(['inner', 'leftouter', 'rightouter', 'fullouter', 'leftsemi', 'leftanti', 'rightsemi', 'rightanti'])} (${random.one(ACCOUNTS)} | summarize n = count() by AccountName) on AccountName | summarize count() by AccountName`,
  (random) =>
    `AlertInfo | join kind=${random.one(['inner', 'leftouter', 'leftanti'])} (AlertEvidence | distinct AlertId, DeviceId) on AlertId`,
  (_random) =>
    `AlertInfo | lookup (AlertEvidence | summarize devices = dcount(DeviceId) by AlertId) on AlertId`,
  (_random) => `AlertInfo | summarize n = count() by Severity`,
  (random) =>
    `let ids = ${report(random)} | distinct DeviceId; ${random.one(REPORTS)} | where DeviceId in (ids) | summarize count() by DeviceId`,
  (random) => `let n = toscalar(${rows(random)} | count); print n = n, more = n > ${random.below(60)}`,
  (random) =>
    `let f = (t: string) { ${random.one(ACCOUNTS)} | where AccountName == t }; union (f('alice')), (f('bob')) | summarize count() by AccountName`,
  (random) =>
    `let v = materialize(${report(random)}); union (v | count), (v | summarize Count = dcount(DeviceName))`,
  (random) =>
    `let v = view () { ${random.one(REPORTS)} | project DeviceId, ReportId }; union v, (${random.one(REPORTS)} | project DeviceId, ReportId) | summarize max(ReportId), n = count() by DeviceId`,
  (random) =>
    `${report(random)} | as all | where ReportId > toscalar(all | summarize avg(ReportId)) | summarize n = count() by DeviceId`,
  (random) =>
    `${report(random)} | partition by DeviceId (top 1 by ReportId desc) | project DeviceId, ReportId`,
  (random) =>
    `${report(random)} | make-series n = count() on Timestamp from datetime(2024-05-05) to datetime(2024-05-06) step 6h by DeviceId`,
  (_random) =>
    `DeviceInfo | where isnotempty(DeviceManualTags) | mv-expand t = todynamic(DeviceManualTags) | summarize n = count() by t = tostring(t)`,
  (random) => `${random.one(TABLES)} | getschema | project ColumnName, ColumnType`,
  (random) => `${report(random)} | invoke SeenBy() | summarize n = count() by DeviceId`,
  (random) => `${report(random)} | evaluate pivot(DeviceName, count(), DeviceId)`,
  (random) => `${report(random)} | project p = bag_pack('id', DeviceId), ReportId | evaluate bag_unpack(p)`,
  (random) =>
    `${report(random)} | summarize n = count() by DeviceId | serialize | extend total = row_cumsum(0 * n) | summarize sum(n), max(total)`,
];
