import {
  ADMIN,
  DOWNLOADS,
  type Habit,
  LOCAL,
  load,
  POWERSHELL,
  PROGRAMS,
  PROGRAMS_X86,
  SYSTEM,
  SYSTEM32,
  setValue,
  sysmon,
  USER,
  WINDOWS,
} from './habit.ts';

const ENGINE = `${WINDOWS}assembly\\NativeImages_v4.0.30319_64\\System.Manaa57fc8cc#\\{hex}\\System.Management.Automation.ni.dll`;
const SVCHOST = `${SYSTEM32}svchost.exe`;
const LSASS = `${SYSTEM32}lsass.exe`;

/** What Sysmon tells besides starts of processes: libraries, the registry, files, pipes, threads and open processes. */
export const SYSTEM_EVENTS: readonly Habit[] = [
  { share: 40, events: [load(`${PROGRAMS}Google\\Chrome\\Application\\chrome.exe`, `${SYSTEM32}ntdll.dll`)] },
  { share: 30, events: [load(SVCHOST, `${SYSTEM32}wevtapi.dll`, SYSTEM)] },
  {
    share: 30,
    events: [
      setValue(
        SVCHOST,
        'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\DeliveryOptimization\\Config\\{hex}',
        'DWORD (0x00000001)',
        SYSTEM,
      ),
    ],
  },
  { share: 20, events: [written('explorer.exe', 'C:\\Users\\{user}\\Documents\\plan-{n}.docx')] },
  { share: 15, events: [connected(`${PROGRAMS}Google\\Chrome\\Application\\chrome.exe`, '{public}', 443)] },
  {
    share: 10,
    events: [
      sysmon(22, {
        ProcessGuid: '{process2}',
        ProcessId: '{n}',
        Image: SVCHOST,
        QueryName: 'site{n}.example.com',
        QueryStatus: '0',
        QueryResults: '{public};',
      }),
    ],
  },

  {
    share: 3,
    like: 'credential-libraries-loaded',
    events: [load(POWERSHELL, `${SYSTEM32}samlib.dll`, ADMIN)],
  },
  {
    share: 2,
    like: 'credential-libraries-loaded',
    events: [load(`${LOCAL}Programs\\Planner\\Planner.exe`, `${SYSTEM32}samlib.dll`)],
  },
  {
    share: 2,
    like: 'credential-libraries-loaded',
    events: [load(`${DOWNLOADS}PlannerSetup-{n}.exe`, `${SYSTEM32}samlib.dll`)],
  },
  {
    share: 2,
    like: 'credential-libraries-loaded',
    events: [load(`${PROGRAMS_X86}Microsoft\\Edge\\Application\\msedge.exe`, `${SYSTEM32}vaultcli.dll`)],
  },
  {
    share: 1,
    like: 'credential-libraries-loaded',
    events: [load(`${SYSTEM32}taskhostw.exe`, `${SYSTEM32}vaultcli.dll`)],
  },
  {
    share: 3,
    like: 'directory-asked-by-script-or-user-program',
    events: [connected(POWERSHELL, '10.0.0.10', 9389, ADMIN)],
  },
  {
    share: 2,
    like: 'directory-asked-by-script-or-user-program',
    administrator: true,
    events: [connected(POWERSHELL, '10.0.0.10', 389, ADMIN)],
  },
  {
    share: 2,
    like: 'directory-asked-by-script-or-user-program',
    events: [connected(`${SYSTEM32}mmc.exe`, '10.0.0.10', 389, ADMIN)],
  },
  {
    share: 2,
    like: 'directory-asked-by-script-or-user-program',
    events: [connected(`${PROGRAMS}Microsoft Office\\root\\Office16\\OUTLOOK.EXE`, '10.0.0.10', 3268)],
  },
  {
    share: 1,
    like: 'directory-asked-by-script-or-user-program',
    events: [connected(`${LOCAL}Microsoft\\Teams\\current\\Teams.exe`, '10.0.0.10', 389)],
  },
  {
    share: 2,
    like: 'event-log-service-disabled',
    events: [
      setValue(
        `${SYSTEM32}services.exe`,
        'HKLM\\System\\CurrentControlSet\\Services\\RemoteRegistry\\Start',
        'DWORD (0x00000004)',
        SYSTEM,
      ),
    ],
  },
  {
    share: 1,
    like: 'event-log-service-disabled',
    events: [
      setValue(
        SVCHOST,
        'HKLM\\System\\CurrentControlSet\\Services\\EventLog\\Application\\Planner\\EventMessageFile',
        'C:\\Program Files\\Planner\\messages.dll',
        SYSTEM,
      ),
    ],
  },
  {
    share: 3,
    like: 'library-from-user-folder',
    events: [load(`${SYSTEM32}DismHost.exe`, `${LOCAL}Temp\\{guid}\\dismprov.dll`, ADMIN)],
  },
  {
    share: 2,
    like: 'library-from-user-folder',
    events: [load(`${SYSTEM32}msiexec.exe`, `${LOCAL}Temp\\MSI{hex}.tmp`, ADMIN)],
  },
  {
    share: 2,
    like: 'library-from-user-folder',
    events: [
      load(
        `${PROGRAMS}Microsoft Office\\root\\Office16\\EXCEL.EXE`,
        'C:\\Users\\{user}\\AppData\\Roaming\\Microsoft\\AddIns\\planner.xll',
      ),
    ],
  },
  {
    share: 2,
    like: 'library-from-user-folder',
    events: [load(`${WINDOWS}explorer.exe`, `${LOCAL}Microsoft\\OneDrive\\23.1\\FileSyncShell64.dll`)],
  },
  {
    share: 2,
    like: 'logon-script-in-registry',
    events: [
      setValue(
        `${SYSTEM32}SystemPropertiesAdvanced.exe`,
        'HKU\\S-1-5-21-1-2-3-{n}\\Environment\\Path',
        'C:\\Tools',
      ),
    ],
  },
  {
    share: 2,
    like: 'lsass-dump-file',
    events: [written('WerFault.exe', 'C:\\Users\\{user}\\AppData\\Local\\CrashDumps\\planner.exe.{n}.dmp')],
  },
  {
    share: 1,
    like: 'lsass-dump-file',
    events: [written('planner.exe', 'C:\\Users\\{user}\\AppData\\Local\\Temp\\debug.log')],
  },
  {
    share: 6,
    like: 'lsass-memory-opened',
    events: [
      opened(
        'C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.2301-0\\MsMpEng.exe',
        LSASS,
        '0x1010',
      ),
    ],
  },
  {
    share: 4,
    like: 'lsass-memory-opened',
    events: [opened(`${SYSTEM32}wbem\\wmiprvse.exe`, LSASS, '0x1410')],
  },
  {
    share: 4,
    like: 'lsass-memory-opened',
    events: [opened(`${PROGRAMS_X86}Google\\Update\\GoogleUpdate.exe`, LSASS, '0x1410')],
  },
  { share: 3, like: 'lsass-memory-opened', events: [opened(`${WINDOWS}CCM\\CcmExec.exe`, LSASS, '0x1410')] },
  {
    share: 3,
    like: 'lsass-memory-opened',
    events: [opened(`${PROGRAMS}Inventory Agent\\agent.exe`, LSASS, '0x1410')],
  },
  { share: 2, like: 'lsass-memory-opened', events: [opened('C:\\Tools\\procexp64.exe', LSASS, '0x1410')] },
  { share: 2, like: 'lsass-memory-opened', events: [opened(`${SYSTEM32}Taskmgr.exe`, LSASS, '0x1410')] },
  { share: 3, like: 'lsass-memory-opened', events: [opened(`${SYSTEM32}svchost.exe`, LSASS, '0x1000')] },
  {
    share: 4,
    like: 'known-attack-tool-at-work',
    events: [opened('C:\\Tools\\procexp64.exe', `${SYSTEM32}spoolsv.exe`, '0x1410')],
  },
  {
    share: 1,
    like: 'known-attack-tool-at-work',
    events: [opened('C:\\Tools\\psloglist.exe', `${SYSTEM32}svchost.exe`, '0x1400')],
  },
  {
    share: 1,
    like: 'minint-key',
    events: [
      setValue(
        `${SYSTEM32}services.exe`,
        'HKLM\\System\\CurrentControlSet\\Control\\MiniNtCache\\Last',
        'DWORD (0x00000001)',
        SYSTEM,
      ),
    ],
  },
  {
    share: 3,
    like: 'password-prompt-by-script',
    administrator: true,
    events: [load(POWERSHELL, `${SYSTEM32}wincredui.dll`, ADMIN)],
  },
  {
    share: 2,
    like: 'password-prompt-by-script',
    events: [load(`${SYSTEM32}mstsc.exe`, `${SYSTEM32}wincredui.dll`)],
  },
  { share: 2, like: 'phantom-library', events: [load(`${WINDOWS}explorer.exe`, `${SYSTEM32}fxsst.dll`)] },
  { share: 2, like: 'phantom-library', events: [load(SVCHOST, `${SYSTEM32}ualapi.dll`, SYSTEM)] },
  {
    share: 3,
    like: 'phantom-library',
    events: [load(`${SYSTEM32}wbem\\WmiPrvSE.exe`, `${SYSTEM32}wbemcomn.dll`, SYSTEM)],
  },
  {
    share: 3,
    like: 'powershell-engine-in-user-program',
    events: [load('C:\\ProgramData\\chocolatey\\choco.exe', ENGINE, ADMIN)],
  },
  {
    share: 2,
    like: 'powershell-engine-in-user-program',
    events: [
      load(
        `${LOCAL}Microsoft\\powershell\\pwsh.exe`,
        `${LOCAL}Microsoft\\powershell\\System.Management.Automation.dll`,
      ),
    ],
  },
  {
    share: 2,
    like: 'powershell-engine-in-user-program',
    events: [
      load(
        'C:\\Users\\{user}\\.dotnet\\tools\\pwsh.exe',
        'C:\\Users\\{user}\\.dotnet\\tools\\.store\\System.Management.Automation.dll',
      ),
    ],
  },
  {
    share: 4,
    like: 'powershell-engine-in-user-program',
    events: [load(`${PROGRAMS}Planner\\planner.exe`, ENGINE)],
  },
  {
    share: 3,
    like: 'psexec-service',
    events: [pipe(POWERSHELL, '\\PSHost.{n}.{n}.DefaultAppDomain.powershell')],
  },
  { share: 3, like: 'psexec-service', events: [pipe(`${SYSTEM32}spoolsv.exe`, '\\spoolss')] },
  {
    share: 3,
    like: 'thread-in-foreign-process',
    events: [thread(`${SYSTEM32}csrss.exe`, `${SYSTEM32}cmd.exe`, 'CtrlRoutine', `${SYSTEM32}KERNEL32.DLL`)],
  },
  {
    share: 2,
    like: 'thread-in-foreign-process',
    events: [thread(`${PROGRAMS}Citrix\\HDX\\bin\\WFShell.exe`, `${WINDOWS}explorer.exe`, '-', '-')],
  },
  {
    share: 2,
    like: 'thread-in-foreign-process',
    events: [thread(`${PROGRAMS}Endpoint Shield\\shield.exe`, `${SYSTEM32}svchost.exe`, '-', '-')],
  },
  {
    share: 3,
    like: 'uac-bypass-registry',
    events: [
      setValue(
        SVCHOST,
        'HKU\\S-1-5-21-1-2-3-{n}_Classes\\AppX{hex}\\Shell\\open\\command\\DelegateExecute',
        '{guid}',
      ),
    ],
  },
  {
    share: 2,
    like: 'uac-bypass-registry',
    events: [
      setValue(
        `${PROGRAMS}Planner\\planner.exe`,
        'HKU\\S-1-5-21-1-2-3-{n}_Classes\\planner\\shell\\open\\command\\(Default)',
        '"C:\\Program Files\\Planner\\planner.exe" "%1"',
      ),
    ],
  },
  {
    share: 2,
    like: 'wmi-event-subscription',
    events: [
      sysmon(19, {
        EventType: 'WmiFilterEvent',
        Operation: 'Created',
        User: SYSTEM,
        EventNamespace: '"root\\\\cimv2"',
        Name: '"Inventory agent"',
        Query:
          '"SELECT * FROM __InstanceCreationEvent WITHIN 60 WHERE TargetInstance ISA \'Win32_LogicalDisk\'"',
      }),
    ],
  },
  {
    share: 1,
    like: 'wmi-event-subscription',
    events: [
      sysmon(20, {
        EventType: 'WmiConsumerEvent',
        Operation: 'Created',
        User: SYSTEM,
        Name: '"Inventory agent"',
        Type: 'Log to Event Log',
        Destination: '"-"',
      }),
    ],
  },
  {
    share: 1,
    like: 'wmi-event-subscription',
    events: [
      sysmon(21, {
        EventType: 'WmiBindingEvent',
        Operation: 'Created',
        User: SYSTEM,
        Consumer: '"NTEventLogEventConsumer.Name=\\"Inventory agent\\""',
        Filter: '"__EventFilter.Name=\\"Inventory agent\\""',
      }),
    ],
  },
];

function written(program: string, path: string) {
  return sysmon(11, {
    ProcessGuid: '{process2}',
    ProcessId: '{n}',
    Image: SYSTEM32 + program,
    TargetFilename: path,
    User: USER,
  });
}

function connected(image: string, address: string, port: number, user = USER) {
  return sysmon(3, {
    ProcessGuid: '{process2}',
    ProcessId: '{n}',
    Image: image,
    User: user,
    Protocol: 'tcp',
    Initiated: 'true',
    SourceIp: '{address}',
    SourcePort: 50_000,
    DestinationIp: address,
    DestinationPort: port,
  });
}

function opened(image: string, target: string, access: string) {
  return sysmon(10, {
    SourceProcessGUID: '{process1}',
    SourceProcessId: '{n}',
    SourceImage: image,
    TargetProcessGUID: '{process2}',
    TargetProcessId: 700,
    TargetImage: target,
    GrantedAccess: access,
    CallTrace: `${SYSTEM32}ntdll.dll+9c534|${SYSTEM32}KERNELBASE.dll+305fe|${image}+222a3`,
    SourceUser: SYSTEM,
    TargetUser: SYSTEM,
  });
}

function pipe(image: string, name: string) {
  return sysmon(17, {
    EventType: 'CreatePipe',
    ProcessGuid: '{process2}',
    ProcessId: '{n}',
    PipeName: name,
    Image: image,
  });
}

function thread(source: string, target: string, startFunction: string, startModule: string) {
  return sysmon(8, {
    SourceProcessGuid: '{process1}',
    SourceProcessId: '{n}',
    SourceImage: source,
    TargetProcessGuid: '{process2}',
    TargetProcessId: 4711,
    TargetImage: target,
    NewThreadId: '{n}',
    StartAddress: '0x00007FF8{hex}',
    StartModule: startModule,
    StartFunction: startFunction,
  });
}
