import { count, type Sql, sql, text } from '../src/clickhouse/sql.ts';
import { type BenchClass, duckSince, NETWORK, PROCESS, questions, since, TERMS } from './instance.ts';
import { ROW_CLASSES } from './workload-rows.ts';

const TOOLS = ['mimikatz', 'psexec', 'procdump', 'rubeus', 'bloodhound', 'lazagne', 'seatbelt', 'sharphound'];
const MORE_TOOLS = [
  'mimikatz',
  'winpeas',
  'nanodump',
  'certify',
  'whisker',
  'kerbrute',
  'crackmap',
  'adfind',
];
const urls = (step: number): readonly string[] =>
  Array.from({ length: 200 }, (_, i) => `https://site${i * step}.example/path/${(i * step) % 17}`);

const kqlList = (values: readonly string[]): string =>
  values.map((value) => JSON.stringify(value)).join(', ');
const duckList = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');
const array = (values: readonly string[]): Sql => sql`splitByChar('\x01', ${text(values.join('\u0001'))})`;

const DUCK_TERMS = (terms: readonly string[]): string =>
  `regexp_matches(ProcessCommandLine, '(^|[^A-Za-z0-9])(${terms.join('|')})([^A-Za-z0-9]|$)', 'i')`;

/** The classes that filter and count. */
const FILTER_CLASSES: readonly BenchClass[] = [
  questions('01 needle: SHA256 equality, 30 d', ['5f'.repeat(32), 'a0'.repeat(32)], (hash) => ({
    kql: `DeviceProcessEvents | where SHA256 == "${hash}" | project Timestamp, DeviceName, FileName`,
    sql: (db) =>
      sql`SELECT Timestamp, DeviceName, FileName FROM ${db}.${PROCESS} WHERE ${since(30)} AND SHA256 = ${text(hash)}`,
    duckdb: `SELECT Timestamp, DeviceName, FileName FROM process WHERE ${duckSince(30)} AND SHA256 = '${hash}'`,
  })),
  questions('02 `has` a rare term, 30 d', ['zebrafish', 'sekurlsa', 'nowhere'], (term) => ({
    kql: `DeviceProcessEvents | where ProcessCommandLine has "${term}" | project Timestamp, DeviceName, ProcessCommandLine`,
    sql: (db) =>
      sql`SELECT Timestamp, DeviceName, ProcessCommandLine FROM ${db}.${PROCESS} WHERE ${since(30)} AND hasAllTokens(${TERMS}, [${text(term)}])`,
    duckdb: `SELECT Timestamp, DeviceName, ProcessCommandLine FROM process WHERE ${duckSince(30)} AND ${DUCK_TERMS([term])}`,
  })),
  questions('03 `contains` a substring, 30 d', ['zebraf', 'logonpass', 'session 7f'], (part) => ({
    kql: `DeviceProcessEvents | where ProcessCommandLine contains "${part}" | count`,
    sql: (db) =>
      sql`SELECT count() FROM ${db}.${PROCESS} WHERE ${since(30)} AND lower(ProcessCommandLine) LIKE ${text(`%${part}%`)}`,
    duckdb: `SELECT count(*) FROM process WHERE ${duckSince(30)} AND ProcessCommandLine ILIKE '%${part}%'`,
  })),
  questions('04 regex, 30 d', ['-enc\\s+[A-Za-z0-9]{8}', 'sekurlsa::\\w+'], (regex) => ({
    kql: `DeviceProcessEvents | where ProcessCommandLine matches regex @"${regex}" | count`,
    sql: (db) =>
      sql`SELECT count() FROM ${db}.${PROCESS} WHERE ${since(30)} AND match(ProcessCommandLine, ${text(regex)})`,
    duckdb: `SELECT count(*) FROM process WHERE ${duckSince(30)} AND regexp_matches(ProcessCommandLine, '${regex}')`,
  })),
  questions('05 `has_any` of 8 tool names, 7 d', [TOOLS, MORE_TOOLS], (tools) => ({
    kql: `DeviceProcessEvents | where Timestamp > ago(7d) | where ProcessCommandLine has_any (${kqlList(tools)}) | count`,
    sql: (db) =>
      sql`SELECT count() FROM ${db}.${PROCESS} WHERE ${since(7)} AND hasAnyTokens(${TERMS}, ${array(tools)})`,
    duckdb: `SELECT count(*) FROM process WHERE ${duckSince(7)} AND ${DUCK_TERMS(tools)}`,
  })),
  questions('06 200 URLs `in~`, 30 d', [290, 17], (step) => ({
    kql: `DeviceNetworkEvents | where RemoteUrl in~ (${kqlList(urls(step))}) | count`,
    sql: (db) =>
      sql`SELECT count() FROM ${db}.${NETWORK} WHERE ${since(30)} AND lower(RemoteUrl) IN ${array(urls(step))}`,
    duckdb: `SELECT count(*) FROM network WHERE ${duckSince(30)} AND lower(RemoteUrl) IN (${duckList(urls(step))})`,
  })),
  questions('07 count by bin, 30 d', ['hour', 'day'] as const, (unit) => ({
    kql: `DeviceProcessEvents | summarize count() by bin(Timestamp, ${unit === 'hour' ? '1h' : '1d'})`,
    sql: (db) =>
      sql`SELECT ${unit === 'hour' ? sql`toStartOfHour(Timestamp)` : sql`toStartOfDay(Timestamp)`} AS bin, count() FROM ${db}.${PROCESS} WHERE ${since(30)} GROUP BY bin`,
    duckdb: `SELECT date_trunc('${unit}', Timestamp) AS bin, count(*) FROM process WHERE ${duckSince(30)} GROUP BY bin`,
  })),
  questions('08 top 10 and 100 command lines, 30 d', [10, 100], (most) => ({
    kql: `DeviceProcessEvents | summarize count() by ProcessCommandLine | top ${most} by count_`,
    sql: (db) =>
      sql`SELECT ProcessCommandLine, count() AS n FROM ${db}.${PROCESS} WHERE ${since(30)} GROUP BY ProcessCommandLine ORDER BY n DESC LIMIT ${count(most)}`,
    duckdb: `SELECT ProcessCommandLine, count(*) AS n FROM process WHERE ${duckSince(30)} GROUP BY ProcessCommandLine ORDER BY n DESC LIMIT ${most}`,
  })),
  questions('09 dcount of devices by file, 30 d and 7 d', [30, 7], (days) => ({
    kql: `DeviceProcessEvents | where Timestamp > ago(${days}d) | summarize dcount(DeviceId) by FileName`,
    sql: (db) =>
      sql`SELECT FileName, uniqCombined64(17)(DeviceId) FROM ${db}.${PROCESS} WHERE ${since(days)} GROUP BY FileName`,
    duckdb: `SELECT FileName, approx_count_distinct(DeviceId) FROM process WHERE ${duckSince(days)} GROUP BY FileName`,
  })),
  questions('10 make_set by device, 1 d', ['FileName', 'AccountName'], (column) => ({
    kql: `DeviceProcessEvents | where Timestamp > ago(1d) | summarize make_set(${column}, 100) by DeviceId`,
    sql: (db) =>
      sql`SELECT DeviceId, groupUniqArray(100)(${column === 'FileName' ? sql`FileName` : sql`AccountName`}) FROM ${db}.${PROCESS} WHERE ${since(1)} GROUP BY DeviceId`,
    duckdb: `SELECT DeviceId, list(DISTINCT ${column})[1:100] FROM process WHERE ${duckSince(1)} GROUP BY DeviceId`,
  })),
];

export const CLASSES: readonly BenchClass[] = [...FILTER_CLASSES, ...ROW_CLASSES];
