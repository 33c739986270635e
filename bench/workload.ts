import { ident, type Sql, sql, text } from '../src/clickhouse/sql.ts';

/** One class of question: as a hunter asks it, and as someone who knows the engine and the tables would write it. */
export interface BenchClass {
  readonly name: string;
  readonly kql: string;
  readonly sql: (database: Sql) => Sql;
}

const PROCESS = ident('DeviceProcessEvents');
const NETWORK = ident('DeviceNetworkEvents');
const DAY = sql`Timestamp > now64(7) - INTERVAL 1 DAY`;
const WEEK = sql`Timestamp > now64(7) - INTERVAL 7 DAY`;
const MONTH = sql`Timestamp > now64(7) - INTERVAL 30 DAY`;
const TERMS = sql`if(isValidASCII(ProcessCommandLine), lower(ProcessCommandLine), lowerUTF8(replaceRegexpAll(ProcessCommandLine, '[^\\\\p{L}\\\\p{N}]+', ' ')))`;
const HASH = '5f'.repeat(32);
const TOOLS = ['mimikatz', 'psexec', 'procdump', 'rubeus', 'bloodhound', 'lazagne', 'seatbelt', 'sharphound'];
const URLS = Array.from({ length: 200 }, (_, i) => `https://site${i * 290}.example/path/${(i * 290) % 17}`);

const list = (values: readonly string[]): string => values.map((value) => JSON.stringify(value)).join(', ');
const array = (values: readonly string[]): Sql => text(values.join('\u0001'));

export const CLASSES: readonly BenchClass[] = [
  {
    name: 'needle: SHA256 equality, 30 d',
    kql: `DeviceProcessEvents | where SHA256 == "${HASH}" | project Timestamp, DeviceName, FileName`,
    sql: (db) =>
      sql`SELECT Timestamp, DeviceName, FileName FROM ${db}.${PROCESS} WHERE ${MONTH} AND SHA256 = ${text(HASH)}`,
  },
  {
    name: '`has` a rare term, 30 d',
    kql: 'DeviceProcessEvents | where ProcessCommandLine has "zebrafish" | project Timestamp, DeviceName, ProcessCommandLine',
    sql: (db) =>
      sql`SELECT Timestamp, DeviceName, ProcessCommandLine FROM ${db}.${PROCESS} WHERE ${MONTH} AND hasAllTokens(${TERMS}, ['zebrafish'])`,
  },
  {
    name: '`contains` a substring, 30 d',
    kql: 'DeviceProcessEvents | where ProcessCommandLine contains "zebraf" | count',
    sql: (db) =>
      sql`SELECT count() FROM ${db}.${PROCESS} WHERE ${MONTH} AND lower(ProcessCommandLine) LIKE '%zebraf%'`,
  },
  {
    name: 'regex, 30 d',
    kql: 'DeviceProcessEvents | where ProcessCommandLine matches regex @"-enc\\s+[A-Za-z0-9]{8}" | count',
    sql: (db) =>
      sql`SELECT count() FROM ${db}.${PROCESS} WHERE ${MONTH} AND match(ProcessCommandLine, '-enc\\\\s+[A-Za-z0-9]{8}')`,
  },
  {
    name: '`has_any` of 8 tool names, 7 d',
    kql: `DeviceProcessEvents | where Timestamp > ago(7d) | where ProcessCommandLine has_any (${list(TOOLS)}) | count`,
    sql: (db) =>
      sql`SELECT count() FROM ${db}.${PROCESS} WHERE ${WEEK} AND hasAnyTokens(${TERMS}, splitByChar('\x01', ${array(TOOLS)}))`,
  },
  {
    name: '200 URLs `in~`, 30 d',
    kql: `DeviceNetworkEvents | where RemoteUrl in~ (${list(URLS)}) | count`,
    sql: (db) =>
      sql`SELECT count() FROM ${db}.${NETWORK} WHERE ${MONTH} AND lower(RemoteUrl) IN splitByChar('\x01', ${array(URLS)})`,
  },
  {
    name: 'count by 1 h bin, 30 d',
    kql: 'DeviceProcessEvents | summarize count() by bin(Timestamp, 1h)',
    sql: (db) =>
      sql`SELECT toStartOfHour(Timestamp) AS hour, count() FROM ${db}.${PROCESS} WHERE ${MONTH} GROUP BY hour`,
  },
  {
    name: 'top 10 command lines, 30 d',
    kql: 'DeviceProcessEvents | summarize count() by ProcessCommandLine | top 10 by count_',
    sql: (db) =>
      sql`SELECT ProcessCommandLine, count() AS n FROM ${db}.${PROCESS} WHERE ${MONTH} GROUP BY ProcessCommandLine ORDER BY n DESC LIMIT 10`,
  },
  {
    name: 'dcount of devices by file, 30 d',
    kql: 'DeviceProcessEvents | summarize dcount(DeviceId) by FileName',
    sql: (db) => sql`SELECT FileName, uniq(DeviceId) FROM ${db}.${PROCESS} WHERE ${MONTH} GROUP BY FileName`,
  },
  {
    name: 'make_set by device, 1 d',
    kql: 'DeviceProcessEvents | where Timestamp > ago(1d) | summarize make_set(FileName, 100) by DeviceId',
    sql: (db) =>
      sql`SELECT DeviceId, groupUniqArray(100)(FileName) FROM ${db}.${PROCESS} WHERE ${DAY} GROUP BY DeviceId`,
  },
  {
    name: 'arg_max(Timestamp, *) by DeviceId, 30 d',
    kql: 'DeviceProcessEvents | summarize arg_max(Timestamp, *) by DeviceId | project DeviceId, Timestamp, FileName, ProcessCommandLine, AccountName',
    sql: (db) =>
      sql`SELECT DeviceId, Timestamp, FileName, ProcessCommandLine, AccountName FROM ${db}.${PROCESS} WHERE ${MONTH} AND (DeviceId, Timestamp) IN (SELECT DeviceId, max(Timestamp) FROM ${db}.${PROCESS} WHERE ${MONTH} GROUP BY DeviceId) LIMIT 1 BY DeviceId`,
  },
  {
    name: 'first seen: 1 d anti join 29 d',
    kql: 'DeviceProcessEvents | where Timestamp > ago(1d) | distinct SHA1, FileName | join kind=leftanti (DeviceProcessEvents | where Timestamp <= ago(1d) | distinct SHA1) on SHA1 | count',
    sql: (db) =>
      sql`SELECT count() FROM (SELECT DISTINCT SHA1, FileName FROM ${db}.${PROCESS} WHERE ${DAY}) WHERE SHA1 NOT IN (SELECT DISTINCT SHA1 FROM ${db}.${PROCESS} WHERE ${MONTH} AND Timestamp <= now64(7) - INTERVAL 1 DAY)`,
  },
  {
    name: 'process to network join, 1 d',
    kql: 'DeviceProcessEvents | where Timestamp > ago(1d) and FileName == "powershell.exe" | join kind=inner (DeviceNetworkEvents | where Timestamp > ago(1d)) on DeviceId, $left.ProcessId == $right.InitiatingProcessId | count',
    sql: (db) =>
      sql`SELECT count() FROM (SELECT DeviceId, ProcessId FROM ${db}.${PROCESS} WHERE ${DAY} AND FileName = 'powershell.exe') AS p INNER JOIN (SELECT DeviceId, InitiatingProcessId FROM ${db}.${NETWORK} WHERE ${DAY}) AS n ON p.DeviceId = n.DeviceId AND p.ProcessId = n.InitiatingProcessId`,
  },
  {
    name: 'parse_json path filter and count, 30 d',
    kql: 'DeviceProcessEvents | where parse_json(AdditionalFields).Kind == "k7" | count',
    sql: (db) =>
      sql`SELECT count() FROM ${db}.${PROCESS} WHERE ${MONTH} AND JSONExtractString(AdditionalFields, 'Kind') = 'k7'`,
  },
];
