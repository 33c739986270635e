import {
  ADMIN,
  DOWNLOADS,
  type Habit,
  LOCAL,
  POWERSHELL,
  PROGRAMS,
  PROGRAMS_X86,
  SYSTEM,
  SYSTEM32,
  start,
  startWithChild,
  WINDOWS,
} from './habit.ts';

const CMD = `${SYSTEM32}cmd.exe`;
const SVCHOST = `${SYSTEM32}svchost.exe`;
const WMI_PROVIDER = `${SYSTEM32}wbem\\WmiPrvSE.exe`;
const WMIC = `${SYSTEM32}wbem\\WMIC.exe`;
const NET = `${SYSTEM32}net.exe`;
const SCHTASKS = `${SYSTEM32}schtasks.exe`;
const EXPLORER = `${WINDOWS}explorer.exe`;
const INSTALLER = `${DOWNLOADS}PlannerSetup-{n}.exe`;
const SETUP = `${LOCAL}Temp\\is-{hex}.tmp\\PlannerSetup.tmp`;
const REMOTE_SHELL = `${SYSTEM32}wsmprovhost.exe`;
const WINRS_HOST = `${SYSTEM32}winrshost.exe`;
const AGENT = `${PROGRAMS}Inventory Agent\\agent.exe`;
const CCM = `${WINDOWS}CCM\\CcmExec.exe`;
const INTUNE = `${PROGRAMS_X86}Microsoft Intune Management Extension\\AgentExecutor.exe`;

/** Starts of processes by administrators and software that attackers make too. */
export const PROCESSES: readonly Habit[] = [
  {
    share: 4,
    like: 'accounts-listed-by-script',
    events: [start(CMD, NET, 'net use H: \\\\fs01\\home\\{user} /persistent:no')],
  },
  {
    share: 3,
    like: 'accounts-listed-by-script',
    events: [start(CMD, NET, 'net user {user} /domain', ADMIN)],
  },
  {
    share: 2,
    like: 'accounts-listed-by-script',
    events: startWithChild(CCM, POWERSHELL, NET, '"net.exe" localgroup administrators', SYSTEM),
  },
  {
    share: 2,
    like: 'accounts-listed-by-script',
    events: startWithChild(INTUNE, POWERSHELL, NET, '"net.exe" localgroup administrators', SYSTEM),
  },
  {
    share: 3,
    like: 'audit-policy-weakened',
    events: [start(CMD, `${SYSTEM32}auditpol.exe`, 'auditpol /get /category:*', SYSTEM)],
  },
  {
    share: 2,
    like: 'audit-policy-weakened',
    events: [
      start(
        CMD,
        `${SYSTEM32}auditpol.exe`,
        'auditpol.exe /set /subcategory:"Process Creation" /success:enable /failure:disable',
        SYSTEM,
      ),
    ],
  },
  {
    share: 1,
    like: 'audit-policy-weakened',
    events: [
      start(CMD, `${SYSTEM32}auditpol.exe`, 'auditpol /backup /file:C:\\Backup\\audit-{n}.csv', ADMIN),
    ],
  },
  {
    share: 2,
    like: 'child-of-auto-elevated-program',
    events: [
      start(
        `${SYSTEM32}eventvwr.exe`,
        `${SYSTEM32}mmc.exe`,
        '"mmc.exe" "C:\\Windows\\system32\\eventvwr.msc"',
        ADMIN,
      ),
    ],
  },
  {
    share: 1,
    like: 'child-of-auto-elevated-program',
    events: [
      start(
        `${SYSTEM32}sdclt.exe`,
        `${SYSTEM32}control.exe`,
        'control.exe /name Microsoft.BackupAndRestoreCenter',
        ADMIN,
      ),
    ],
  },
  {
    share: 1,
    like: 'child-of-auto-elevated-program',
    events: [start(`${SYSTEM32}slui.exe`, `${SYSTEM32}changepk.exe`, '"changepk.exe"', ADMIN)],
  },
  {
    share: 3,
    like: 'child-of-winrm',
    events: [start(REMOTE_SHELL, `${SYSTEM32}gpupdate.exe`, 'gpupdate.exe /force', ADMIN)],
  },
  {
    share: 2,
    like: 'child-of-winrm',
    events: [start(REMOTE_SHELL, `${SYSTEM32}ipconfig.exe`, 'ipconfig.exe /flushdns', ADMIN)],
  },
  {
    share: 1,
    like: 'child-of-winrm',
    events: [
      start(
        REMOTE_SHELL,
        `${SYSTEM32}Robocopy.exe`,
        'robocopy.exe \\\\fs01\\software\\planner D:\\Apps\\planner /MIR',
        ADMIN,
      ),
    ],
  },
  {
    share: 1,
    like: 'child-of-winrm',
    events: [
      start(REMOTE_SHELL, `${SYSTEM32}msiexec.exe`, 'msiexec.exe /i D:\\Apps\\agent-{n}.msi /qn', ADMIN),
    ],
  },
  {
    share: 1,
    like: 'child-of-winrm',
    events: [start(REMOTE_SHELL, `${SYSTEM32}sc.exe`, 'sc.exe query spooler', ADMIN)],
  },
  {
    share: 2,
    like: 'child-of-wmi-provider',
    events: [start(WMI_PROVIDER, `${SYSTEM32}msiexec.exe`, 'msiexec.exe /x {guid} /qn', SYSTEM)],
  },
  {
    share: 1,
    like: 'child-of-wmi-provider',
    events: [
      start(WMI_PROVIDER, `${SYSTEM32}wbem\\mofcomp.exe`, 'mofcomp.exe -N:root\\cimv2 provider.mof', SYSTEM),
    ],
  },
  {
    share: 2,
    like: 'child-of-wmi-provider',
    events: [
      start(WMI_PROVIDER, CMD, 'cmd.exe /c "C:\\Program Files\\Inventory Agent\\collect.bat"', SYSTEM),
    ],
  },
  {
    share: 2,
    like: 'child-of-wmi-provider',
    events: [start(WMI_PROVIDER, AGENT, '"C:\\Program Files\\Inventory Agent\\agent.exe" --once', SYSTEM)],
  },
  {
    share: 4,
    like: 'discovery-burst',
    events: ['ipconfig.exe', 'NSLOOKUP.EXE', 'NETSTAT.EXE', 'ARP.EXE', 'ROUTE.EXE'].map((tool) =>
      start(CMD, SYSTEM32 + tool, `${tool} -a`),
    ),
  },
  {
    share: 2,
    like: 'discovery-burst',
    events: ['systeminfo.exe', 'HOSTNAME.EXE', 'ipconfig.exe'].map((tool) =>
      start(CMD, SYSTEM32 + tool, tool, SYSTEM),
    ),
  },
  {
    share: 2,
    like: 'discovery-burst',
    events: ['gpresult.exe', 'whoami.exe', 'klist.exe'].map((tool) =>
      start(CMD, SYSTEM32 + tool, `${tool} /r`),
    ),
  },
  {
    share: 2,
    like: 'download-by-windows-tool',
    events: [
      start(CMD, `${SYSTEM32}certutil.exe`, 'certutil -verify -urlfetch C:\\Certs\\web-{n}.cer', ADMIN),
    ],
  },
  {
    share: 1,
    like: 'download-by-windows-tool',
    events: [start(CMD, `${SYSTEM32}certutil.exe`, 'certutil -urlcache * delete', ADMIN)],
  },
  {
    share: 1,
    like: 'download-by-windows-tool',
    events: [start(CMD, `${SYSTEM32}bitsadmin.exe`, 'bitsadmin /list /allusers /verbose', ADMIN)],
  },
  {
    share: 2,
    like: 'download-by-windows-tool',
    events: [
      start(
        POWERSHELL,
        `${SYSTEM32}msiexec.exe`,
        'msiexec.exe /qn /i "https://downloads.example.com/agent-{n}.msi" KEY={hex}',
        ADMIN,
      ),
    ],
  },
  {
    share: 4,
    like: 'encoded-powershell',
    events: [
      start(
        WINRS_HOST,
        POWERSHELL,
        'PowerShell -NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand {encodedModule}',
        ADMIN,
      ),
    ],
  },
  {
    share: 3,
    like: 'encoded-powershell',
    events: [
      start(
        POWERSHELL,
        POWERSHELL,
        '"powershell.exe" -encodedCommand {encodedQuestion} -inputFormat xml -outputFormat xml',
        ADMIN,
      ),
    ],
  },
  {
    share: 2,
    like: 'encoded-powershell',
    events: [
      start(
        AGENT,
        POWERSHELL,
        'powershell.exe -NoLogo -NonInteractive -EncodedCommand {encodedQuestion}',
        SYSTEM,
      ),
    ],
  },
  {
    share: 4,
    like: 'encoded-powershell',
    events: [
      start(
        EXPLORER,
        POWERSHELL,
        'powershell.exe -ExecutionPolicy Bypass -File C:\\Scripts\\report-{n}.ps1',
        ADMIN,
      ),
    ],
  },
  {
    share: 2,
    like: 'firewall-opened',
    events: startWithChild(
      SVCHOST,
      `${SYSTEM32}msiexec.exe`,
      `${SYSTEM32}netsh.exe`,
      'netsh advfirewall firewall add rule name="Monitoring agent" dir=in action=allow protocol=TCP localport=10050',
      SYSTEM,
    ),
  },
  {
    share: 2,
    like: 'firewall-opened',
    events: [
      start(
        `${PROGRAMS}Planner\\setup.exe`,
        `${SYSTEM32}netsh.exe`,
        'netsh advfirewall firewall add rule name="Planner" dir=in action=allow program="C:\\Program Files\\Planner\\planner.exe" enable=yes',
        ADMIN,
      ),
    ],
  },
  {
    share: 2,
    like: 'firewall-opened',
    events: [start(CMD, `${SYSTEM32}netsh.exe`, 'netsh advfirewall show allprofiles state', ADMIN)],
  },
  {
    share: 2,
    like: 'kerberos-tool-command',
    events: [start(CMD, `${SYSTEM32}klist.exe`, 'klist tgt', ADMIN)],
  },
  {
    share: 2,
    like: 'kerberos-tool-command',
    events: [start(EXPLORER, `${SYSTEM32}runas.exe`, 'runas /user:CORP\\{admin} "mmc dsa.msc"')],
  },
  {
    share: 2,
    like: 'known-attack-tool',
    events: [
      start(CMD, 'C:\\Users\\{user}\\.cargo\\bin\\cargo.exe', 'cargo test crypto::hash::tests::works'),
    ],
  },
  {
    share: 1,
    like: 'known-attack-tool',
    events: [start(CMD, 'C:\\Users\\{user}\\.cargo\\bin\\cargo.exe', 'cargo test token::parse vault::store')],
  },
  {
    share: 2,
    like: 'known-attack-tool',
    events: [start(CMD, 'C:\\Tools\\psloglist.exe', 'psloglist.exe -s -d 1 system', ADMIN)],
  },
  {
    share: 2,
    like: 'local-account-added',
    events: [start(CMD, NET, 'net localgroup "Hyper-V Administrators" CORP\\{user} /add', ADMIN)],
  },
  {
    share: 1,
    like: 'local-account-added',
    events: [start(CMD, NET, 'net localgroup "Performance Log Users" CORP\\svc-monitoring /add', SYSTEM)],
  },
  {
    share: 1,
    like: 'lsass-dump-command',
    events: [
      start(CMD, 'C:\\Tools\\procdump64.exe', 'procdump64 -ma w3wp.exe C:\\Dumps\\w3wp-{n}.dmp', ADMIN),
    ],
  },
  {
    share: 2,
    like: 'lsass-dump-command',
    events: [start(SVCHOST, `${SYSTEM32}WerFault.exe`, 'WerFault.exe -pss -s 512 -p {n} -ip {n}', SYSTEM)],
  },
  {
    share: 3,
    like: 'msbuild-of-a-loose-project',
    events: [
      start(
        `${PROGRAMS}Microsoft Visual Studio\\2022\\Common7\\IDE\\devenv.exe`,
        `${PROGRAMS}Microsoft Visual Studio\\2022\\MSBuild\\Current\\Bin\\MSBuild.exe`,
        '"MSBuild.exe" C:\\src\\planner\\planner.csproj /nologo /m',
      ),
    ],
  },
  {
    share: 1,
    like: 'msbuild-of-a-loose-project',
    events: [
      start(
        `${PROGRAMS}NuGet\\nuget.exe`,
        `${PROGRAMS}Microsoft Visual Studio\\2022\\MSBuild\\Current\\Bin\\MSBuild.exe`,
        '"MSBuild.exe" "C:\\Users\\{user}\\AppData\\Local\\Temp\\NuGetScratch\\{hex}.nugetinputs.targets" /t:GenerateRestoreGraphFile',
      ),
    ],
  },
  {
    share: 2,
    like: 'msbuild-of-a-loose-project',
    events: [
      start(
        `${PROGRAMS}Microsoft Visual Studio\\2022\\MSBuild\\Current\\Bin\\MSBuild.exe`,
        CMD,
        'cmd.exe /Q /D /C "C:\\Users\\{user}\\AppData\\Local\\Temp\\tmp{hex}.exec.cmd"',
      ),
    ],
  },
  {
    share: 3,
    like: 'office-started-by-dcom',
    events: [
      start(
        SVCHOST,
        `${PROGRAMS}Microsoft Office\\root\\Office16\\EXCEL.EXE`,
        '"EXCEL.EXE" /automation -Embedding',
        'CORP\\{user}',
        { TerminalSessionId: 1 },
      ),
    ],
  },
  {
    share: 1,
    like: 'register-cimprovider',
    events: [
      start(
        `${WINDOWS}servicing\\TrustedInstaller.exe`,
        `${SYSTEM32}Register-CimProvider.exe`,
        'Register-CimProvider.exe -Namespace root/Microsoft/Windows/Dhcp -ProviderName DhcpServerPsProvider -Path %systemroot%\\system32\\DhcpServerPsProvider.dll',
        SYSTEM,
      ),
    ],
  },
  {
    share: 2,
    like: 'registry-hive-saved',
    events: [
      start(
        CMD,
        `${SYSTEM32}reg.exe`,
        'reg export HKLM\\SOFTWARE\\Planner C:\\Backup\\planner-{n}.reg /y',
        ADMIN,
      ),
    ],
  },
  {
    share: 1,
    like: 'registry-hive-saved',
    events: [
      start(
        CMD,
        `${SYSTEM32}reg.exe`,
        'reg export HKLM\\SYSTEM\\CurrentControlSet\\Services\\Planner C:\\Backup\\service-{n}.reg /y',
        ADMIN,
      ),
    ],
  },
  {
    share: 3,
    like: 'shell-started-by-download',
    events: startWithChild(EXPLORER, INSTALLER, CMD, 'cmd.exe /c taskkill /im planner.exe /f'),
  },
  {
    share: 2,
    like: 'shell-started-by-download',
    events: startWithChild(
      INSTALLER,
      SETUP,
      `${SYSTEM32}regsvr32.exe`,
      'regsvr32.exe /s "C:\\Program Files\\Planner\\shell.dll"',
      ADMIN,
    ),
  },
  {
    share: 2,
    like: 'shell-started-by-download',
    events: startWithChild(
      INSTALLER,
      SETUP,
      SCHTASKS,
      'schtasks /create /tn "Planner update" /tr "C:\\Program Files\\Planner\\update.exe" /sc daily /f',
      ADMIN,
    ),
  },
  {
    share: 2,
    like: 'shell-started-by-download',
    events: [
      start(`${LOCAL}Microsoft\\Teams\\Update.exe`, CMD, 'cmd.exe /c reg query HKCU\\Software\\Planner'),
    ],
  },
  {
    share: 2,
    like: 'task-that-starts-a-shell',
    events: [
      start(
        CMD,
        SCHTASKS,
        'schtasks /create /tn Report /sc daily /tr "powershell.exe -NoProfile -File C:\\Scripts\\report.ps1"',
        ADMIN,
      ),
    ],
  },
  {
    share: 1,
    like: 'task-that-starts-a-shell',
    events: [
      start(
        CMD,
        SCHTASKS,
        'schtasks /create /tn Clean /sc weekly /tr "cmd.exe /c C:\\Scripts\\clean.cmd"',
        ADMIN,
      ),
    ],
  },
  {
    share: 2,
    like: 'task-that-starts-a-shell',
    events: [start(CMD, SCHTASKS, 'schtasks /run /tn Report', ADMIN)],
  },
  {
    share: 3,
    like: 'wmic-against-another-device',
    events: [start(CMD, WMIC, 'wmic /node:{server} bios get serialnumber', ADMIN)],
  },
  {
    share: 2,
    like: 'wmic-against-another-device',
    events: [start(CMD, WMIC, 'wmic /node:"{server}" logicaldisk get caption,freespace', ADMIN)],
  },
  {
    share: 2,
    like: 'wmic-against-another-device',
    events: [start(CMD, WMIC, 'wmic os get caption,version', SYSTEM)],
  },
  {
    share: 2,
    like: 'wmic-style-sheet',
    events: [start(CMD, WMIC, 'wmic process list brief /format:csv', ADMIN)],
  },
  {
    share: 1,
    like: 'wmic-style-sheet',
    events: [
      start(
        CMD,
        WMIC,
        'wmic product get name,version /format:"C:\\Windows\\System32\\wbem\\en-US\\csv.xsl"',
        ADMIN,
      ),
    ],
  },
  {
    share: 1,
    like: 'wmic-style-sheet',
    events: [start(CMD, WMIC, 'wmic qfe get hotfixid /format:texttable.xsl', ADMIN)],
  },
];
