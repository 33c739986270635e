/**
 * What each archive of recorded attacks shows, as ATT&CK techniques, by a part of its name: our own reading of the names.
 * The recordings: https://securitydatasets.com
 */
const ARCHIVE_TECHNIQUES: readonly (readonly [part: string, techniques: readonly string[]])[] = [
  ['GoldenSAML', ['T1606', 'T1552', 'T1003', 'T1098', 'T1114']],
  ['LSASS_campaign', ['T1003', 'T1204', 'T1059', 'T1055', 'T1543', 'T1569', 'T1033', 'T1082', 'T1574']],
  ['cmd_psexec_lsa_secrets', ['T1003', 'T1569', 'T1021', 'T1570']],
  ['empire_dcsync', ['T1003', 'T1059']],
  ['mimikatz_backupkeys', ['T1552', 'T1555', 'T1003', 'T1059']],
  ['lsadump_inject', ['T1003', 'T1588']],
  ['lsadump_patch', ['T1003', 'T1059']],
  ['powerdump', ['T1003', 'T1059']],
  ['rubeus', ['T1558', 'T1550', 'T1134', 'T1588', 'T1059']],
  ['promptforcreds', ['T1056', 'T1059']],
  ['psh_lsass_memory_dump_comsvcs', ['T1003', 'T1218', 'T1059']],
  ['windows_vault', ['T1555', 'T1059']],
  ['taskmanager_lsass', ['T1003', 'T1021']],
  ['auditpol', ['T1562', 'T1204']],
  ['bitsadmin', ['T1197', 'T1105']],
  ['disable_eventlog', ['T1562', 'T1112', 'T1204', 'T1059']],
  ['netsh_fw', ['T1562']],
  ['herpaderping', ['T1055', 'T1036', 'T1588', 'T1003', 'T1555']],
  ['stop_netprofm', ['T1562', 'T1204', 'T1059']],
  ['minint', ['T1562', 'T1112', 'T1204', 'T1059']],
  ['ntsecuritydescriptor', ['T1222', 'T1484', 'T1087', 'T1069', 'T1059']],
  ['cimprovider', ['T1218', 'T1059']],
  ['wmic_remote_xsl', ['T1220', 'T1218']],
  ['seatbelt', ['T1087', 'T1082', 'T1555', 'T1588']],
  ['getdomaingroup', ['T1069', 'T1087']],
  ['NetSessEnum', ['T1049', 'T1135', 'T1059']],
  ['net_local_users', ['T1087', 'T1059']],
  ['net_localgroup', ['T1069', 'T1059']],
  ['httplistener', ['T1059', 'T1571']],
  ['aadinternals', ['T1552', 'T1606']],
  ['dcom_', ['T1021', 'T1559', 'T1137', 'T1218', 'T1059']],
  ['psremoting', ['T1021', 'T1059', 'T1140', 'T1027']],
  ['svcctl', ['T1021', 'T1569', 'T1543', 'T1059', 'T1027', 'T1562']],
  ['sharpwmi', ['T1047']],
  ['ActiveScriptEventConsumers', ['T1546', 'T1047']],
  ['wbemcomn', ['T1574', 'T1047', 'T1021', 'T1570', 'T1059']],
  ['empire_msbuild', ['T1127', 'T1047', 'T1021', 'T1570', 'T1059', 'T1027', 'T1562']],
  ['service_dll_hijack', ['T1574', 'T1021', 'T1570']],
  ['add_user_backdoor', ['T1136', 'T1047']],
  ['CVE-2020-1472', ['T1210', 'T1098', 'T1588']],
  ['schtask_create', ['T1053']],
  ['userinitmprlogonscript', ['T1037']],
  ['fodhelper', ['T1548', 'T1112', 'T1059', 'T1027', 'T1562']],
];

/** Without the sub-technique. Throws for an archive that is not in the list. */
export function techniquesOf(archive: string): ReadonlySet<string> {
  const found = ARCHIVE_TECHNIQUES.find(([part]) => archive.includes(part));
  if (found === undefined) throw new Error(`no techniques are known of ${archive}`);
  return new Set(found[1]);
}
