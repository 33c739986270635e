import { count, ident, sql, text } from '../src/clickhouse/sql.ts';
import { type BenchClass, duckSince, NETWORK, PROCESS, questions, since } from './instance.ts';

const DEVICE_COUNT = 5000;
/** A device of the generated events: its id is the digest of its number. */
const deviceSql = (number: number) => sql`lower(hex(SHA1(${text(`device${number % DEVICE_COUNT}`)})))`;

/** The classes that relate rows to each other, or hand out many. */
export const ROW_CLASSES: readonly BenchClass[] = [
  questions('11 arg_max(Timestamp, *) by DeviceId, 30 d', [30, 3], (days) => ({
    kql: `DeviceProcessEvents | where Timestamp > ago(${days}d) | summarize arg_max(Timestamp, *) by DeviceId | project DeviceId, Timestamp, FileName, ProcessCommandLine, AccountName`,
    sql: (db) =>
      sql`SELECT DeviceId, Timestamp, FileName, ProcessCommandLine, AccountName FROM ${db}.${PROCESS} WHERE ${since(days)} AND (DeviceId, Timestamp) IN (SELECT DeviceId, max(Timestamp) FROM ${db}.${PROCESS} WHERE ${since(days)} GROUP BY DeviceId) LIMIT 1 BY DeviceId`,
    duckdb: `SELECT DeviceId, Timestamp, FileName, ProcessCommandLine, AccountName FROM process WHERE ${duckSince(days)} QUALIFY row_number() OVER (PARTITION BY DeviceId ORDER BY Timestamp DESC) = 1`,
  })),
  questions('12 first seen: 1 d anti join 29 d', ['SHA1', 'AccountName'], (column) => ({
    kql: `DeviceProcessEvents | where Timestamp > ago(1d) | distinct ${column}, FileName | join kind=leftanti (DeviceProcessEvents | where Timestamp <= ago(1d) | distinct ${column}) on ${column} | count`,
    sql: (db) =>
      sql`SELECT count() FROM (SELECT DISTINCT ${ident(column)}, FileName FROM ${db}.${PROCESS} WHERE ${since(1)}) WHERE ${ident(column)} NOT IN (SELECT DISTINCT ${ident(column)} FROM ${db}.${PROCESS} WHERE ${since(30)} AND Timestamp <= now64(7) - INTERVAL 1 DAY)`,
    duckdb: `SELECT count(*) FROM (SELECT DISTINCT ${column}, FileName FROM process WHERE ${duckSince(1)}) WHERE ${column} NOT IN (SELECT DISTINCT ${column} FROM process WHERE ${duckSince(30)} AND NOT (${duckSince(1)}))`,
  })),
  questions('13 process to network join within 5 minutes, 1 d', ['powershell.exe', 'cmd.exe'], (file) => ({
    kql: `DeviceProcessEvents | where Timestamp > ago(1d) and FileName == "${file}" | join kind=inner (DeviceNetworkEvents | where Timestamp > ago(1d)) on DeviceId, $left.ProcessId == $right.InitiatingProcessId | where Timestamp1 between (Timestamp .. 5m) | count`,
    sql: (db) =>
      sql`SELECT count() FROM (SELECT DeviceId, ProcessId, Timestamp FROM ${db}.${PROCESS} WHERE ${since(1)} AND FileName = ${text(file)}) AS p INNER JOIN (SELECT DeviceId, InitiatingProcessId, Timestamp FROM ${db}.${NETWORK} WHERE ${since(1)}) AS n ON p.DeviceId = n.DeviceId AND p.ProcessId = n.InitiatingProcessId WHERE n.Timestamp >= p.Timestamp AND n.Timestamp <= p.Timestamp + INTERVAL 5 MINUTE`,
    duckdb: `SELECT count(*) FROM (SELECT * FROM process WHERE ${duckSince(1)} AND FileName = '${file}') p JOIN (SELECT * FROM network WHERE ${duckSince(1)}) n ON p.DeviceId = n.DeviceId AND p.ProcessId = n.InitiatingProcessId WHERE n.Timestamp BETWEEN p.Timestamp AND p.Timestamp + INTERVAL 5 MINUTE`,
  })),
  questions('14 union of two tables, one device, 7 d, newest 1,000', [3, 700], (device) => ({
    kql: `let device = hash_sha1("device${device}"); union DeviceProcessEvents, DeviceNetworkEvents | where Timestamp > ago(7d) and DeviceId == device | project Timestamp, DeviceName, ActionType, FileName, RemoteUrl | top 1000 by Timestamp`,
    sql: (db) =>
      sql`SELECT Timestamp, DeviceName, ActionType, FileName, RemoteUrl FROM (SELECT Timestamp, DeviceName, ActionType, FileName, '' AS RemoteUrl FROM ${db}.${PROCESS} WHERE ${since(7)} AND DeviceId = ${deviceSql(device)} UNION ALL SELECT Timestamp, DeviceName, ActionType, '' AS FileName, RemoteUrl FROM ${db}.${NETWORK} WHERE ${since(7)} AND DeviceId = ${deviceSql(device)}) ORDER BY Timestamp DESC LIMIT 1000`,
    duckdb: `SELECT Timestamp, DeviceName, ActionType, FileName, RemoteUrl FROM (SELECT Timestamp, DeviceName, ActionType, FileName, '' AS RemoteUrl FROM process WHERE ${duckSince(7)} AND DeviceId = sha1('device${device}') UNION ALL SELECT Timestamp, DeviceName, ActionType, '', RemoteUrl FROM network WHERE ${duckSince(7)} AND DeviceId = sha1('device${device}')) ORDER BY Timestamp DESC LIMIT 1000`,
  })),
  questions('15 parse_json path filter and count, 30 d', ['k7', 'k11'], (kind) => ({
    kql: `DeviceProcessEvents | where parse_json(AdditionalFields).Kind == "${kind}" | count`,
    sql: (db) =>
      sql`SELECT count() FROM ${db}.${PROCESS} WHERE ${since(30)} AND JSONExtractString(AdditionalFields, 'Kind') = ${text(kind)}`,
    duckdb: `SELECT count(*) FROM process WHERE ${duckSince(30)} AND json_extract_string(AdditionalFields, '$.Kind') = '${kind}'`,
  })),
  questions('16 mv-expand of an array, 1 d and 3 d', [1, 3], (days) => ({
    kql: `DeviceProcessEvents | where Timestamp > ago(${days}d) | mv-expand Tag = parse_json(AdditionalFields).Tags to typeof(string) | summarize count() by Tag`,
    sql: (db) =>
      sql`SELECT arrayJoin(JSONExtract(AdditionalFields, 'Tags', 'Array(String)')) AS Tag, count() FROM ${db}.${PROCESS} WHERE ${since(days)} GROUP BY Tag`,
    duckdb: `SELECT Tag, count(*) FROM (SELECT unnest(json_extract_string(AdditionalFields, '$.Tags[*]')) AS Tag FROM process WHERE ${duckSince(days)}) GROUP BY Tag`,
  })),
  questions('17 make-series 1 h by the 20 and 5 top files, 30 d', [20, 5], (most) => ({
    kql: `let files = DeviceProcessEvents | summarize count() by FileName | top ${most} by count_ | project FileName; DeviceProcessEvents | where FileName in (files) | make-series n = count() default = 0 on Timestamp from bin(ago(30d), 1h) to now() step 1h by FileName`,
    sql: (db) =>
      sql`WITH toStartOfHour(now64(7) - INTERVAL 30 DAY) AS first SELECT FileName, arrayMap(i -> indexOf(hours, i) = 0 ? 0 : counts[indexOf(hours, i)], range(721)) FROM (SELECT FileName, groupArray(hour) AS hours, groupArray(n) AS counts FROM (SELECT FileName, dateDiff('hour', first, Timestamp) AS hour, count() AS n FROM ${db}.${PROCESS} WHERE ${since(30)} AND FileName IN (SELECT FileName FROM ${db}.${PROCESS} WHERE ${since(30)} GROUP BY FileName ORDER BY count() DESC LIMIT ${count(most)}) GROUP BY FileName, hour) GROUP BY FileName)`,
    duckdb: `SELECT FileName, list(coalesce(n, 0) ORDER BY hour) FROM (SELECT FileName, hour, n FROM (SELECT FileName FROM process WHERE ${duckSince(30)} GROUP BY FileName ORDER BY count(*) DESC LIMIT ${most}) CROSS JOIN (SELECT unnest(generate_series(date_trunc('hour', (now() AT TIME ZONE 'UTC') - INTERVAL 30 DAY), (now() AT TIME ZONE 'UTC')::TIMESTAMP, INTERVAL 1 HOUR)) AS hour) LEFT JOIN (SELECT FileName, date_trunc('hour', Timestamp) AS hour, count(*) AS n FROM process WHERE ${duckSince(30)} GROUP BY ALL) USING (FileName, hour)) GROUP BY FileName`,
  })),
  questions('18 sequence: prev() per device, 1 d', ['cmd.exe', 'powershell.exe'], (file) => ({
    kql: `DeviceProcessEvents | where Timestamp > ago(1d) | project Timestamp, DeviceId, FileName | sort by DeviceId asc, Timestamp asc | where FileName == "rundll32.exe" and prev(FileName) == "${file}" and prev(DeviceId) == DeviceId | count`,
    sql: (db) =>
      sql`SELECT count() FROM (SELECT FileName, lagInFrame(FileName) OVER (PARTITION BY DeviceId ORDER BY Timestamp ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS before FROM ${db}.${PROCESS} WHERE ${since(1)}) WHERE FileName = 'rundll32.exe' AND before = ${text(file)}`,
    duckdb: `SELECT count(*) FROM (SELECT FileName, lag(FileName) OVER (PARTITION BY DeviceId ORDER BY Timestamp) AS before FROM process WHERE ${duckSince(1)}) WHERE FileName = 'rundll32.exe' AND before = '${file}'`,
  })),
  questions('19 IP prefix and port, 30 d', ['10.20', '172.16'], (prefix) => ({
    kql: `DeviceNetworkEvents | where RemotePort == 3389 and ipv4_is_match(RemoteIP, "${prefix}.0.0", 16) | count`,
    sql: (db) =>
      sql`SELECT count() FROM ${db}.${NETWORK} WHERE ${since(30)} AND RemotePort = 3389 AND startsWith(RemoteIP, ${text(`${prefix}.`)})`,
    duckdb: `SELECT count(*) FROM network WHERE ${duckSince(30)} AND RemotePort = 3389 AND starts_with(RemoteIP, '${prefix}.')`,
  })),
  questions('20 newest 10,000 and 1,000 full rows', [10_000, 1000], (most) => ({
    kql: `DeviceProcessEvents | top ${most} by Timestamp`,
    sql: (db) =>
      sql`SELECT * EXCEPT (_arrival, _ingested, _extra) FROM ${db}.${PROCESS} WHERE ${since(30)} ORDER BY Timestamp DESC LIMIT ${count(most)}`,
    duckdb: `SELECT * FROM process WHERE ${duckSince(30)} ORDER BY Timestamp DESC LIMIT ${most}`,
  })),
];
