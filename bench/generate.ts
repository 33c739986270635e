import { findTable } from '../src/catalog/catalog.ts';
import { createDatabase, createStatements, tenantDatabase } from '../src/catalog/ddl.ts';
import { loadCatalog } from '../src/catalog/load.ts';
import type { Database } from '../src/clickhouse/database.ts';
import { count, ident, int64, sql } from '../src/clickhouse/sql.ts';

/** Events of each of the two tables. */
export const ROWS = Number(process.env['SPOOR_BENCH_EVENTS'] ?? 20_000_000) / 2;

/**
 * Fills two tables with the same events on every run: 5,000 devices, skewed; 20,000 binaries; half of the command lines
 * unique; 30 days up to `endMs`. A few needles are planted by row number.
 */
export async function generate(database: Database, tenant: string, endMs: number): Promise<void> {
  const name = tenantDatabase(tenant);
  const catalog = loadCatalog();
  await database.command(createDatabase(name));
  for (const table of ['DeviceProcessEvents', 'DeviceNetworkEvents']) {
    const schema = findTable(catalog, table);
    if (!schema) throw new Error(`no table ${table}`);
    for (const statement of createStatements(catalog, name, schema)) await database.command(statement);
  }
  const start = int64(BigInt(endMs - 30 * 86_400_000) * 10_000n);
  const step = int64((30n * 864_000_000_000n) / BigInt(ROWS));
  for (let from = 0; from < ROWS; from += 500_000) {
    const rows = sql`numbers(${count(from)}, ${count(Math.min(500_000, ROWS - from))})`;
    const at = sql`reinterpret(${start} + toInt64(number) * ${step}, 'DateTime64(7, \\'UTC\\')')`;
    await database.command(
      sql`INSERT INTO ${ident(name)}.${ident('DeviceProcessEvents')}
        (Timestamp, DeviceId, DeviceName, ActionType, FileName, FolderPath, SHA1, SHA256, ProcessId, ProcessCommandLine,
         AccountDomain, AccountName, InitiatingProcessFileName, InitiatingProcessId, InitiatingProcessCommandLine,
         ReportId, AdditionalFields, _arrival, _ingested, _extra)
        WITH cityHash64(number) AS h, toUInt32(pow((h % 10000) / 10000, 3) * 5000) AS device,
          toUInt32(pow((intDiv(h, 7) % 100000) / 100000, 4) * 20000) AS binary,
          ['powershell.exe', 'cmd.exe', 'svchost.exe', 'chrome.exe', 'conhost.exe', 'wmiprvse.exe', 'rundll32.exe', 'msiexec.exe'][h % 8 + 1] AS common,
          if(binary < 4000, common, concat('tool', toString(binary), '.exe')) AS file
        SELECT ${at}, lower(hex(SHA1(concat('device', toString(device))))), concat('host-', toString(device), '.corp.example'),
          'ProcessCreated', file, concat('C:\\\\Windows\\\\System32\\\\', file),
          lower(hex(SHA1(toString(binary)))), if(number % 1000003 = 77777, repeat('5f', 32), lower(hex(SHA256(toString(binary))))),
          toInt64(h % 65536),
          multiIf(number % 400009 = 4242, concat('powershell -enc ', 'SQBFAFgA', ' zebrafish'),
            number % 90001 = 4242, concat(file, ' /c mimikatz sekurlsa::logonpasswords'),
            h % 2 = 0, concat('"C:\\\\Program Files\\\\App\\\\', file, '" --session ', hex(h), ' --user u', toString(h % 8000)),
            concat(file, ' -k netsvcs -p -s Schedule', toString(h % 1500))),
          'corp', concat('user', toString(h % 8000)), common, toInt64(intDiv(h, 3) % 65536),
          concat(common, ' -parent ', toString(h % 3000)), toInt64(number),
          concat('{"Kind":"k', toString(h % 12), '","Score":', toString(h % 100), ',"Tags":["a","b', toString(h % 5), '"]}'),
          number + 1, now64(7), ''
        FROM ${rows}`,
    );
    await database.command(
      sql`INSERT INTO ${ident(name)}.${ident('DeviceNetworkEvents')}
        (Timestamp, DeviceId, DeviceName, ActionType, RemoteIP, RemotePort, RemoteUrl, LocalIP, LocalPort, Protocol,
         InitiatingProcessFileName, InitiatingProcessId, ReportId, _arrival, _ingested, _extra)
        WITH cityHash64(number + 10000000000) AS h, toUInt32(pow((h % 10000) / 10000, 3) * 5000) AS device
        SELECT ${at}, lower(hex(SHA1(concat('device', toString(device))))), concat('host-', toString(device), '.corp.example'),
          if(h % 20 = 0, 'ConnectionFailed', 'ConnectionSuccess'),
          IPv4NumToString(toUInt32(intDiv(h, 11) % 4294967295)), toInt32([443, 80, 53, 445, 3389, 8080][h % 6 + 1]),
          concat('https://site', toString(h % 60000), '.example/path/', toString(h % 17)), '10.0.0.1', toInt32(h % 65536), 'Tcp',
          ['powershell.exe', 'chrome.exe', 'svchost.exe'][h % 3 + 1], toInt64(intDiv(h, 5) % 65536), toInt64(number),
          number + 10000000, now64(7), ''
        FROM ${rows}`,
    );
  }
  for (const table of ['DeviceProcessEvents', 'DeviceNetworkEvents']) {
    await database.command(sql`OPTIMIZE TABLE ${ident(name)}.${ident(table)} FINAL`, { timeoutMs: 900_000 });
  }
}
