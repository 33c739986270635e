import { type Habit, POWERSHELL, SYSTEM32, script, security, start, system, WINDOWS } from './habit.ts';
import {
  AD_FS,
  ADMINISTRATOR,
  DEVICE,
  defender,
  installed,
  key,
  ldap,
  logon,
  READ_CHANGES,
  replication,
  SUBJECT,
  secret,
  share,
  task,
} from './log-forms.ts';

/** What the Windows logs tell: logons, shares, the directory, services, tasks, PowerShell. */
export const LOG_EVENTS: readonly Habit[] = [
  { share: 30, events: [logon('{user}', 3, '{address}', 'Kerberos')] },
  { share: 20, events: [logon('{host}$', 3, '{address}', 'Kerberos')] },
  { share: 10, events: [logon('{user}', 2, '127.0.0.1', 'User32')] },
  {
    share: 20,
    events: [share('\\\\*\\SYSVOL', 'corp.example\\Policies\\{guid}\\gpt.ini', '0x120089', DEVICE)],
  },
  { share: 20, events: [share('\\\\*\\home', 'plans\\plan-{n}.docx', '0x12019f', SUBJECT)] },
  {
    share: 15,
    events: [
      script(
        'Get-Service | Where-Object { $_.Status -eq "Running" } | Export-Csv C:\\Reports\\services-{n}.csv',
      ),
    ],
  },
  { share: 10, events: [security(4672, { ...DEVICE, PrivilegeList: 'SeSecurityPrivilege' })] },
  {
    share: 10,
    events: [
      security(4663, {
        ...DEVICE,
        ObjectServer: 'Security',
        ObjectType: 'Key',
        ObjectName: '\\REGISTRY\\MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon',
        AccessMask: '0x1',
        ProcessId: '0x638',
        ProcessName: `${SYSTEM32}svchost.exe`,
      }),
    ],
  },

  {
    share: 2,
    like: 'adfs-configuration-asked-over-network',
    events: [
      {
        ...AD_FS,
        EventID: 412,
        Message:
          'A token of type http://schemas.microsoft.com/ws/2006/05/identitymodel/tokens/SSO was validated. Activity ID: {guid}',
      },
    ],
  },
  {
    share: 2,
    like: 'adfs-configuration-asked-over-network',
    events: [
      {
        ...AD_FS,
        EventID: 1200,
        Message: 'The Federation Service issued a valid token. Activity ID: {guid}',
      },
    ],
  },
  {
    share: 1,
    like: 'adfs-key-container-read',
    events: [
      ldap(
        'Microsoft.IdentityServer.ServiceHost.exe',
        'CN=ADFS,CN=Microsoft,CN=Program Data,DC=corp,DC=example',
        '(thumbnailphoto=*)',
      ),
    ],
  },
  {
    share: 2,
    like: 'adfs-key-container-read',
    events: [ldap('mmc.exe', 'OU=Staff,DC=corp,DC=example', '(objectClass=user)')],
  },
  {
    share: 2,
    like: 'amsi-or-script-logging-switched-off',
    events: [
      script(
        '$status = Get-MpComputerStatus; if (-not $status.AntivirusEnabled) { Write-Warning "AMSI provider missing on {host}" }',
      ),
    ],
  },
  {
    share: 2,
    like: 'backup-key-of-dpapi-read',
    events: [secret('CN=BCKUPKEY_PREFERRED Secret,CN=System,DC=corp,DC=example', DEVICE)],
  },
  {
    share: 1,
    like: 'backup-key-of-dpapi-read',
    events: [secret('CN=Policies,CN=System,DC=corp,DC=example', ADMINISTRATOR)],
  },
  { share: 2, like: 'boot-key-read', events: [key('Control\\Lsa\\Data', 'lsass.exe', DEVICE)] },
  {
    share: 2,
    like: 'boot-key-read',
    events: [key('Control\\Lsa\\FipsAlgorithmPolicy', 'wsmprovhost.exe', ADMINISTRATOR)],
  },
  {
    share: 2,
    like: 'directory-replication-by-a-person',
    events: [replication(DEVICE, '{1131f6ad-9c07-11d1-f79f-00c04fc2dcd2}')],
  },
  {
    share: 2,
    like: 'directory-replication-by-a-person',
    events: [
      replication({ ...SUBJECT, SubjectUserName: 'MSOL_{hex}' }, '{1131f6ad-9c07-11d1-f79f-00c04fc2dcd2}'),
    ],
  },
  {
    share: 1,
    like: 'directory-replication-by-a-person',
    events: [replication({ ...SUBJECT, SubjectUserName: 'svc-profiles' }, READ_CHANGES)],
  },
  {
    share: 2,
    like: 'directory-replication-seen-by-identity',
    events: [
      defender('IdentityDirectoryEvents', {
        ActionType: 'Directory Services replication',
        AccountName: 'dc02$',
        Application: 'Active Directory',
      }),
    ],
  },
  {
    share: 1,
    like: 'directory-replication-seen-by-identity',
    events: [
      defender('IdentityDirectoryEvents', {
        ActionType: 'Directory Services replication',
        AccountName: 'MSOL_{hex}',
        AccountObjectId: '{plainGuid}',
        Application: 'Active Directory',
      }),
    ],
  },
  {
    share: 2,
    like: 'domain-controller-password-reset-without-name',
    events: [
      security(4742, {
        ...DEVICE,
        TargetUserName: '{host}$',
        TargetDomainName: 'CORP',
        PasswordLastSet: '9/20/2023 8:16:43 AM',
      }),
    ],
  },
  {
    share: 1,
    like: 'domain-controller-password-reset-without-name',
    events: [
      security(4742, {
        ...ADMINISTRATOR,
        TargetUserName: '{host}$',
        TargetDomainName: 'CORP',
        PasswordLastSet: '-',
      }),
    ],
  },
  {
    share: 2,
    like: 'event-log-cleared',
    events: [
      security(1105, {
        Channel: 'Security',
        BackupPath: 'C:\\Windows\\System32\\Winevt\\Logs\\Archive-Security-{n}.evtx',
      }),
    ],
  },
  { share: 1, like: 'event-log-cleared', events: [system(6006, { SourceName: 'EventLog' })] },
  {
    share: 2,
    like: 'file-written-to-windows-over-network',
    events: [
      share('\\\\*\\ADMIN$', 'ccmsetup\\ccmsetup.exe', '0x2', { ...SUBJECT, SubjectUserName: 'svc-deploy' }),
    ],
  },
  {
    share: 2,
    like: 'file-written-to-windows-over-network',
    events: [share('\\\\*\\C$', 'Temp\\tool-{n}.ps1', '0x2', ADMINISTRATOR)],
  },
  {
    share: 1,
    like: 'file-written-to-windows-over-network',
    events: [
      share('\\\\*\\ADMIN$', 'PDQDeployRunner\\service-1.exe', '0x2', {
        ...SUBJECT,
        SubjectUserName: 'svc-deploy',
      }),
    ],
  },
  {
    share: 2,
    like: 'log-tampering-script',
    events: [
      script(
        'Stop-Service Sysmon64; Copy-Item \\\\fs01\\software\\Sysmon64.exe C:\\Windows; Start-Service Sysmon64',
      ),
    ],
  },
  {
    share: 2,
    like: 'log-tampering-script',
    events: [script('Set-Service wecsvc -StartupType Automatic; wecutil qc /q')],
  },
  {
    share: 2,
    like: 'logon-from-the-internet',
    events: [logon('{admin}', 10, '10.0.9.{adminNumber}', 'User32')],
  },
  {
    share: 2,
    like: 'logon-from-the-internet',
    events: [
      security(4625, {
        ...SUBJECT,
        TargetUserName: 'administrator',
        LogonType: 3,
        IpAddress: '{public}',
        Status: '0xc000006d',
      }),
    ],
  },
  {
    share: 2,
    like: 'logon-with-other-credentials',
    events: [
      start(`${WINDOWS}explorer.exe`, `${SYSTEM32}runas.exe`, 'runas /netonly /user:CORP\\{admin} mmc.exe'),
      logon('{user}', 9, '::1', 'seclogo'),
    ],
  },
  {
    share: 2,
    like: 'permissions-of-the-domain-changed',
    events: [
      security(5136, {
        ...ADMINISTRATOR,
        ObjectDN: 'OU=Staff,DC=corp,DC=example',
        ObjectClass: 'organizationalUnit',
        AttributeLDAPDisplayName: 'nTSecurityDescriptor',
      }),
    ],
  },
  {
    share: 1,
    like: 'permissions-of-the-domain-changed',
    events: [
      security(5136, {
        ...ADMINISTRATOR,
        ObjectDN: 'CN={guid},CN=Policies,CN=System,DC=corp,DC=example',
        ObjectClass: 'groupPolicyContainer',
        AttributeLDAPDisplayName: 'nTSecurityDescriptor',
      }),
    ],
  },
  {
    share: 2,
    like: 'powershell-runs-decoded-code',
    events: [
      script(
        '$bytes = [Convert]::FromBase64String($pfx); $cert = New-Object System.Security.Cryptography.X509Certificates.X509Certificate2($bytes)',
      ),
    ],
  },
  {
    share: 2,
    like: 'powershell-runs-decoded-code',
    events: [
      script(
        '$payload = [System.Convert]::FromBase64String($module); &([ScriptBlock]::Create([Text.Encoding]::UTF8.GetString($payload))) # {hex}',
      ),
    ],
  },
  {
    share: 2,
    like: 'powerview-command',
    events: [script('Get-ADUser -Filter * -Properties LastLogonDate | Export-Csv users-{n}.csv')],
  },
  {
    share: 2,
    like: 'powerview-command',
    events: [
      {
        Channel: 'Microsoft-Windows-PowerShell/Operational',
        EventID: 4103,
        Payload: 'CommandInvocation(Get-SmbSession): "Get-SmbSession"',
        ContextInfo: `Host Application = ${POWERSHELL}`,
      },
    ],
  },
  {
    share: 2,
    like: 'psexec-service',
    events: [
      installed(
        'PDQDeployRunner-1',
        'C:\\Windows\\AdminArsenal\\PDQDeployRunner\\service-1.exe',
        'S-1-5-21-1-2-3-6001',
      ),
    ],
  },
  {
    share: 4,
    like: 'service-manager-over-network',
    events: [
      share('\\\\*\\IPC$', 'svcctl', '0x12019f', { ...ADMINISTRATOR, IpAddress: '10.0.9.{adminNumber}' }),
    ],
  },
  {
    share: 2,
    like: 'service-of-a-new-program-in-system32',
    events: [installed('igfxCUIService2.0.0.0', 'C:\\Windows\\System32\\igfxCUIService.exe', 'S-1-5-18')],
  },
  {
    share: 1,
    like: 'service-of-a-new-program-in-system32',
    events: [installed('Audio universal service', '%SystemRoot%\\System32\\AudUService64.exe', 'S-1-5-18')],
  },
  {
    share: 2,
    like: 'service-with-odd-command',
    events: [installed('Planner update', '"C:\\Program Files\\Planner\\update.exe" /svc', 'S-1-5-18')],
  },
  {
    share: 1,
    like: 'service-with-odd-command',
    events: [
      installed(
        'cpuz154',
        'C:\\Users\\{user}\\AppData\\Local\\Temp\\cpuz154\\cpuz154_x64.sys',
        'S-1-5-21-1-2-3-{rid}',
      ),
    ],
  },
  {
    share: 1,
    like: 'service-with-odd-command',
    events: [
      installed(
        'TeamViewer',
        '"C:\\Users\\{user}\\AppData\\Local\\Temp\\TeamViewer\\TeamViewer_Service.exe"',
        'S-1-5-21-1-2-3-{rid}',
      ),
    ],
  },
  {
    share: 1,
    like: 'service-with-odd-command',
    events: [
      installed(
        'MpKslDrv',
        'C:\\ProgramData\\Microsoft\\Windows Defender\\Definition Updates\\{guid}\\MpKslDrv.sys',
        'S-1-5-18',
      ),
    ],
  },
  {
    share: 8,
    like: 'sessions-asked-over-network',
    events: [share('\\\\*\\IPC$', 'srvsvc', '0x12019f', SUBJECT)],
  },
  {
    share: 2,
    like: 'task-that-starts-a-shell',
    events: [
      task(
        '%windir%\\system32\\rundll32.exe',
        '%windir%\\system32\\Windows.Storage.ApplicationData.dll,CleanupTemporaryState',
      ),
    ],
  },
  {
    share: 2,
    like: 'task-that-starts-a-shell',
    events: [task('powershell.exe', '-NoProfile -ExecutionPolicy Bypass -File C:\\Scripts\\report.ps1')],
  },
  {
    share: 2,
    like: 'task-that-starts-a-shell',
    events: [task('C:\\Program Files\\Planner\\update.exe', '/silent')],
  },
  {
    share: 2,
    like: 'wmi-event-subscription',
    events: [
      {
        Channel: 'Microsoft-Windows-WMI-Activity/Operational',
        EventID: 5861,
        Message:
          'Namespace = //./root/subscription; Eventfilter = SCM Event Log Filter (refer to its activate eventid:5859); Consumer = NTEventLogEventConsumer="SCM Event Log Consumer"; PossibleCause = Permanent',
      },
    ],
  },
  {
    share: 3,
    like: 'vault-password-read',
    events: [
      security(5382, {
        ...SUBJECT,
        SchemaFriendlyName: 'Windows Web Password Credential',
        Resource: 'https://login.example.com/',
        Identity: '{user}@example.com',
        Flags: 0,
        ReturnCode: 0,
        ClientProcessId: '{n}',
      }),
    ],
  },
];
